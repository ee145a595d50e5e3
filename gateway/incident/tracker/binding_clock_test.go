package tracker_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// TestReboundRadioWithAWrongClock: a radio that was handed on speaks for who has it now, also
// when it tells a time from before that cannot be right.
func TestReboundRadioWithAWrongClock(t *testing.T) {
	t.Parallel()
	s := settings()
	s.Roster[0].Devices = nil
	s.Roster[0].Former = []incident.FormerBinding{{Device: "fleetsync:102-1001", Until: at(0)}}
	s.Roster[1].Devices = []devices.Identity{"nexedge:00103", "fleetsync:102-1001"}
	for _, c := range []struct {
		name   string
		time   time.Time
		noLock bool
	}{
		{"no lock, repeats the time of two hours ago", at(-7200), true},
		{"cold start, 2006 (week rollover)", time.Date(2006, 4, 8, 0, 0, 0, 0, time.UTC), false},
		{"never set, 2000-01-01", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"never set, 1980-01-06", time.Date(1980, 1, 6, 0, 0, 30, 0, time.UTC), true},
	} {
		k := key(400, "fleetsync:102-1001", devices.StatusOnScene)
		k.Report.DeviceTime = c.time
		k.Report.Fix = &geo.Fix{Point: scene, Time: c.time, NoLock: c.noLock}
		tr, _ := foldInto(tracker.New(s), opened(10, "i1"), opened(11, "i2"), act(30, incident.ActDispatch, "i1", "psc-1"), act(31, incident.ActDispatch, "i2", "damkar-1"), k)
		if m := milestone(t, tr, "i1", "psc-1", incident.OnScene); !m.At.Equal(at(400)) {
			t.Errorf("%s: psc-1 arrived at +%v", c.name, m.At.Sub(start))
		}
		in, _ := tr.Incident("i2")
		for _, m := range in.Milestones {
			if m.Name == incident.OnScene {
				t.Errorf("%s: damkar-1, which no longer has the radio, has arrived by %s", c.name, m.Report)
			}
		}
	}
	// What it said while it was damkar-1's, and delivers now by a clock that is right, is damkar-1's.
	k := key(400, "fleetsync:102-1001", devices.StatusOnScene)
	k.Report.DeviceTime = at(-60)
	tr, _ := foldInto(tracker.New(s), opened(-200, "i2"), act(-150, incident.ActDispatch, "i2", "damkar-1"), k)
	if m := milestone(t, tr, "i2", "damkar-1", incident.OnScene); !m.At.Equal(at(-60)) {
		t.Errorf("delivered late: arrived at +%v", m.At.Sub(start))
	}
}
