package tracker_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
)

const stranger = devices.Identity("fleetsync:199-4999")

func enrol(s int, kind incident.EnrolmentKind, unit string, device devices.Identity) incident.Event {
	return incident.Event{Enrolment: &incident.Enrolment{ID: fmt.Sprint(kind, unit, device, s), Kind: kind, By: "siti", At: at(s), Unit: unit, CallSign: "PSC 9", Agency: "PSC", Device: device}}
}

func arrivals(tr *tracker.Tracker, id string) (out []string) {
	in, _ := tr.Incident(id)
	for _, m := range in.Milestones {
		if m.Name == incident.OnScene {
			out = append(out, fmt.Sprintf("%s +%v %s", m.Unit, m.At.Sub(start), m.Evidence))
		}
	}
	return out
}

// standsAtScene are the fixes of a device that stands at the scene.
func standsAtScene(from, to int, d devices.Identity) (out []incident.Event) {
	for s := from; s <= to; s += 10 {
		out = append(out, fix(s, 0, d, 10))
	}
	return out
}

// TestBoundLater: what a device said before it was bound counts for its unit, for six hours.
func TestBoundLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bound int
		want  string
	}{{900, "[psc-1 +5m0s geofence]"}, {300 + 6*3600 - 60, "[psc-1 +5m0s geofence]"}, {3600 + 7*3600, "[]"}} {
		events := append([]incident.Event{opened(0, "i1"), act(30, incident.ActDispatch, "i1", "psc-1")}, standsAtScene(300, 600, stranger)...)
		tr, updates := fold(append(events, enrol(c.bound, incident.EnrolBind, "psc-1", stranger))...)
		if got := fmt.Sprint(arrivals(tr, "i1")); got != c.want {
			t.Errorf("bound at +%d s: arrivals %s, want %s", c.bound, got, c.want)
		}
		if len(tr.UnknownDevices()) != 0 {
			t.Errorf("bound at +%d s it is still nobody's", c.bound)
		}
		fixes := 0
		for _, u := range updates {
			if u.Kind == incident.UpdateFix && u.Unit == "psc-1" {
				fixes++
			}
		}
		if want := map[bool]int{true: 31, false: 0}[c.want != "[]"]; fixes != want {
			t.Errorf("bound at +%d s: %d positions of psc-1 became known, want %d", c.bound, fixes, want)
		}
	}
	// A key, and a unit that was made just now.
	tr, _ := fold(opened(0, "i1"), key(400, stranger, devices.StatusEnRoute), enrol(410, incident.EnrolUnit, "psc-9", ""), enrol(411, incident.EnrolBind, "psc-9", stranger),
		act(420, incident.ActDispatch, "i1", "psc-9"), key(700, stranger, devices.StatusOnScene))
	if got := fmt.Sprint(arrivals(tr, "i1")); got != "[psc-9 +11m40s key]" {
		t.Errorf("arrivals %s", got)
	}
	if u, is := tr.UnitByID("psc-9"); !is || u.CallSign != "PSC 9" || u.Status != devices.StatusOnScene {
		t.Errorf("psc-9 is %+v", u)
	}
}

// TestReleased: what a device said until then stays the unit's; later it is nobody's, and what
// it said meanwhile is the next unit's.
func TestReleased(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), opened(1, "i2"), act(30, incident.ActDispatch, "i1", "damkar-1"), act(40, incident.ActDispatch, "i2", "psc-1"), key(300, d, devices.StatusOnScene),
		enrol(400, incident.EnrolRelease, "damkar-1", d), key(500, d, devices.StatusCompleted), enrol(600, incident.EnrolBind, "psc-1", d), key(700, d, devices.StatusOnScene))
	if got := fmt.Sprint(arrivals(tr, "i1"), arrivals(tr, "i2")); got != "[damkar-1 +5m0s key] [psc-1 +11m40s key]" {
		t.Errorf("arrivals %s", got)
	}
	in, _ := tr.Incident("i2")
	if in.Status != "on_scene" && in.Status != "completed" {
		t.Errorf("i2 is %s", in.Status)
	}
	late := key(350, d, devices.StatusCompleted)
	late.Report.DeviceTime, late.Report.ReceivedAt = at(350), at(900)
	tr.Apply(incident.Event{Seq: 100, Report: late.Report})
	if m := milestone(t, tr, "i1", "damkar-1", incident.Completed); !m.At.Equal(at(350)) {
		t.Errorf("delivered late, it completed at +%v", m.At.Sub(start))
	}
}

// TestReleasedSpeaksForNobody: what a device says after it was taken away is nobody's until it is
// bound again, and it is listed as a device that belongs to no unit.
func TestReleasedSpeaksForNobody(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"),
		enrol(400, incident.EnrolRelease, "damkar-1", d), key(500, d, devices.StatusOnScene))
	if got := arrivals(tr, "i1"); len(got) != 0 {
		t.Errorf("arrived by a radio that it no longer has: %s", got)
	}
	if u, is := tr.UnitOf(d); is || !tr.IsUnknown(d) || len(tr.UnknownDevices()) != 1 {
		t.Errorf("the radio is of %q, and unknown are %+v", u.ID, tr.UnknownDevices())
	}
}

// TestReleasedBeforeItSpoke: that a radio was handed on becomes known after it spoke. What it said
// since is the next unit's, and what the unit's other device said stays the unit's.
func TestReleasedBeforeItSpoke(t *testing.T) {
	t.Parallel()
	d, other := devices.Identity("fleetsync:102-1001"), devices.Identity("fleetsync:102-1009")
	tr, _ := fold(opened(0, "i1"), opened(1, "i2"), enrol(5, incident.EnrolBind, "damkar-1", other),
		act(30, incident.ActDispatch, "i1", "damkar-1"), act(40, incident.ActDispatch, "i2", "psc-1"),
		key(450, other, devices.StatusEnRoute), key(500, d, devices.StatusOnScene),
		enrol(400, incident.EnrolRelease, "damkar-1", d), enrol(410, incident.EnrolBind, "psc-1", d))
	if got := fmt.Sprint(arrivals(tr, "i1"), arrivals(tr, "i2")); got != "[] [psc-1 +8m20s key]" {
		t.Errorf("arrivals %s", got)
	}
	if m := milestone(t, tr, "i1", "damkar-1", incident.EnRoute); !m.At.Equal(at(450)) {
		t.Errorf("damkar-1 set out at +%v", m.At.Sub(start))
	}
}

// TestUnitsFileChanged: another list of units holds from its time on; the first one of a
// journal holds from the beginning.
func TestUnitsFileChanged(t *testing.T) {
	t.Parallel()
	d := devices.Identity("fleetsync:102-1001")
	list := func(s int, units ...incident.Unit) incident.Event {
		return incident.Event{Enrolment: &incident.Enrolment{ID: fmt.Sprint("list", s), Kind: incident.EnrolRoster, At: at(s), Units: units}}
	}
	s := settings()
	renamed := incident.Unit{ID: "damkar-1", CallSign: "MACAN 1", Agency: "Damkar"}
	moved := incident.Unit{ID: "psc-1", CallSign: "PSC 1", Agency: "PSC 119", Devices: []devices.Identity{"nexedge:00103", d}}
	tr, _ := fold(list(50, s.Roster...), opened(0, "i1"), opened(1, "i2"), act(30, incident.ActDispatch, "i1", "damkar-1"), act(40, incident.ActDispatch, "i2", "psc-1"),
		key(300, d, devices.StatusOnScene), list(400, renamed, moved), key(500, d, devices.StatusOnScene))
	if got := fmt.Sprint(arrivals(tr, "i1"), arrivals(tr, "i2")); got != "[damkar-1 +5m0s key] [psc-1 +8m20s key]" {
		t.Errorf("arrivals %s", got)
	}
	if u, _ := tr.UnitByID("damkar-1"); u.CallSign != "MACAN 1" || len(u.Devices) != 0 {
		t.Errorf("damkar-1 is %+v", u)
	}
	tr.Apply(incident.Event{Seq: 50, Enrolment: list(600, moved).Enrolment})
	if _, is := tr.UnitByID("damkar-1"); is || len(tr.Units()) != 1 {
		t.Errorf("damkar-1 is on the list still: %v", tr.Units())
	}
	if got := fmt.Sprint(arrivals(tr, "i1")); got != "[damkar-1 +5m0s key]" {
		t.Errorf("of a unit that left: arrivals %s", got)
	}
}

// TestEmergencyOfADeviceThatIsBound: the emergency of an unknown device becomes its unit's, once,
// and who has seen it has seen it.
func TestEmergencyOfADeviceThatIsBound(t *testing.T) {
	t.Parallel()
	for _, seen := range []bool{false, true} {
		e := key(10, stranger, devices.StatusEmergency)
		e.Report.Emergency = true
		tr, _ := fold(e)
		if seen {
			tr.Apply(incident.Event{Seq: 2, Act: &incident.Act{ID: "ack", Kind: incident.ActAckAlert, Alert: tr.Alerts()[0].ID, By: "siti", At: at(20)}})
		}
		tr.Apply(incident.Event{Seq: 3, Enrolment: enrol(60, incident.EnrolBind, "psc-1", stranger).Enrolment})
		all, open := tr.Alerts(), tr.OpenAlerts()
		if len(all) != 1 || all[0].Unit != "psc-1" || len(open) != map[bool]int{true: 0, false: 1}[seen] {
			t.Errorf("seen %v: all %+v, open %+v", seen, all, open)
		}
		if u, _ := tr.UnitByID("psc-1"); u.Emergency == seen {
			t.Errorf("seen %v: the unit's emergency is %v", seen, u.Emergency)
		}
	}
}

// TestMadeUpEmergencies: names made up on the air fill neither memory nor the dispatcher's list,
// and the newest emergency is in it.
func TestMadeUpEmergencies(t *testing.T) {
	t.Parallel()
	tr := tracker.New(settings())
	const n = 30_000
	for i := range n {
		e := key(i, devices.Identity(fmt.Sprint("fleetsync:", i)), devices.StatusEmergency)
		e.Report.Emergency = true
		e.Seq = uint64(i + 1)
		tr.Apply(e)
	}
	open := tr.OpenAlerts()
	if len(open) != 101 || !open[len(open)-1].At.Equal(at(n-1)) {
		t.Fatalf("%d open alerts, the last of +%v", len(open), open[len(open)-1].At.Sub(start))
	}
	i := slices.IndexFunc(open, func(a incident.Alert) bool {
		return a.Text == "dan 29900 panggilan darurat lain dari perangkat tidak terdaftar / and 29900 more emergencies of devices not on the roster"
	})
	if i < 0 {
		t.Fatalf("nothing says how many more there are: %+v", open[0])
	}
	if got := len(tr.UnknownDevices()); got > 11_000 {
		t.Errorf("%d devices are remembered", got)
	}
	tr.Apply(incident.Event{Seq: n + 1, Act: &incident.Act{ID: "ack", Kind: incident.ActAckAlert, Alert: open[i].ID, By: "siti", At: at(n)}})
	if got := len(tr.OpenAlerts()); got != 100 {
		t.Errorf("%d open alerts once somebody has seen the others", got)
	}
}

// TestOrderOfEnrolmentsDoesNotMatter draws enrolments among reports and acts: any order gives the
// same incidents, units and alerts.
func TestOrderOfEnrolmentsDoesNotMatter(t *testing.T) {
	t.Parallel()
	ds := []devices.Identity{"fleetsync:102-1001", "nexedge:00103", stranger}
	statuses := []devices.Status{devices.StatusEnRoute, devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable}
	rapid.Check(t, func(rt *rapid.T) {
		events := []incident.Event{opened(0, "i1"), opened(3, "i2")}
		for i := range rapid.IntRange(4, 40).Draw(rt, "events") {
			s := 10 + i*7 + rapid.IntRange(0, 6).Draw(rt, "s")
			d := rapid.SampledFrom(ds).Draw(rt, "device")
			unit := rapid.SampledFrom([]string{"damkar-1", "psc-1"}).Draw(rt, "unit")
			id := rapid.SampledFrom([]string{"i1", "i2"}).Draw(rt, "incident")
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0, 1:
				events = append(events, act(s, incident.ActDispatch, id, unit))
			case 2:
				events = append(events, enrol(s, incident.EnrolBind, unit, d))
			case 3:
				events = append(events, enrol(s, incident.EnrolRelease, unit, d))
			case 4, 5, 6:
				e := key(s, d, rapid.SampledFrom(statuses).Draw(rt, "status"))
				e.Report.Emergency = rapid.IntRange(0, 5).Draw(rt, "emergency") == 0
				events = append(events, e)
			default:
				events = append(events, fix(s, rapid.SampledFrom([]int{0, 0, 30, 90}).Draw(rt, "late"), d, rapid.SampledFrom([]float64{0, 50, 300}).Draw(rt, "metres")))
			}
		}
		events = numbered(events)
		want, _ := fold(events...)
		shuffled := append(slices.Clone(events), events[rapid.IntRange(0, len(events)-1).Draw(rt, "twice")])
		rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed"))).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		got, _ := fold(shuffled...)
		if w, g := rosterOutcome(rt, want), rosterOutcome(rt, got); w != g {
			rt.Fatalf("the order changed the outcome:\n%s", difference(w, g))
		}
	})
}

// rosterOutcome is what may not depend on the order. When a unit was heard last, and over which
// link, is not taken back from one that a device turns out not to have spoken for, and a device
// that was heard since its release is listed whatever it said.
func rosterOutcome(t *rapid.T, tr *tracker.Tracker) string {
	units := tr.Units()
	for i := range units {
		units[i].HeardAt, units[i].Link = time.Time{}, ""
	}
	out, err := json.MarshalIndent([]any{tr.Incidents(), units, tr.OpenAlerts()}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
