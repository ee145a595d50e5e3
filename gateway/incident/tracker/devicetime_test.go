package tracker_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// heardOff are fixes of a device whose clock is so many seconds slow, heard at once.
func heardOff(from, to, slow int, d devices.Identity, metres float64) (out []incident.Event) {
	for s := from; s < to; s += 10 {
		e := fix(s, 0, d, metres)
		e.Report.DeviceTime, e.Report.Fix.Time = at(s-slow), at(s-slow)
		out = append(out, e)
	}
	return out
}

// TestClockThatIsKnownToBeWrong: a key of a device whose clock is minutes off, by what many
// reports say, arrives when it was pressed, also when it was delivered later; the record says
// that the time was corrected, and by how much.
func TestClockThatIsKnownToBeWrong(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	for _, slow := range []int{600, 120, -90, -600, 3600} {
		for _, late := range []int{1, 400} {
			k := key(330, d, devices.StatusOnScene)
			k.Report.DeviceTime, k.Report.ReceivedAt = at(330-slow), at(330+late)
			events := append(heardOff(-600, 0, slow, d, 9000), opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"))
			events = append(events, heardOff(40, 100, slow, d, 9000)...)
			tr, _ := fold(append(events, k)...)
			m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
			if off, _ := m.ClockOffsetS.Value(); m.At.Sub(at(330)).Abs() > time.Second || !m.ClockCorrected || off != float64(slow) || m.Clock != "device" {
				t.Errorf("%d s slow, %d s late: arrived at +%v, %s clock, corrected %v by %v", slow, late, m.At.Sub(start), m.Clock, m.ClockCorrected, m.ClockOffsetS)
			}
		}
		// What its positions prove is dated alike.
		events := append(heardOff(-600, 0, slow, d, 9000), opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"))
		tr, _ := fold(append(events, heardOff(300, 400, slow, d, 10)...)...)
		if m := milestone(t, tr, "i1", "damkar-1", incident.OnScene); m.At.Sub(at(300)).Abs() > time.Second || !m.ClockCorrected {
			t.Errorf("%d s slow: by its positions it arrived at +%v", slow, m.At.Sub(start))
		}
	}
}

// TestKeyOutsideOfItsAssignment: a key that falls before the order by a clock of which little is
// known, but was received after it, is shown to the dispatcher; one whose clock is known to be
// right is not.
func TestKeyOutsideOfItsAssignment(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	for _, status := range []devices.Status{devices.StatusOnScene, devices.StatusCompleted} {
		for _, known := range []bool{false, true} {
			k := key(330, d, status)
			k.Report.DeviceTime = at(330 - 600)
			var events []incident.Event
			if known {
				events = heardOff(-100, 0, 0, d, 9000)
			}
			tr, _ := fold(append(events, opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"), k)...)
			alerts := tr.OpenAlerts()
			if known && len(alerts) > 0 || !known && (len(alerts) != 1 || alerts[0].Kind != "key_outside" || alerts[0].Incident != "i1") {
				t.Errorf("%s, clock known %v: alerts %+v", status, known, alerts)
			}
		}
	}
}
