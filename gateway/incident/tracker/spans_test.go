package tracker_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
)

func corrected(s int, id, unit string, name incident.MilestoneName, to int) incident.Event {
	c := act(s, incident.ActCorrect, id, unit)
	c.Act.Milestone, c.Act.MilestoneAt, c.Act.Reason = name, at(to), "said by voice"
	return c
}

// timesOf are when a unit reached a stage of an incident, one for each time that it was sent.
func timesOf(tr *tracker.Tracker, id, unit string, name incident.MilestoneName) []time.Duration {
	in, _ := tr.Incident(id)
	out := []time.Duration{}
	for _, m := range in.Milestones {
		if m.Name == name && m.Unit == unit {
			out = append(out, m.At.Sub(start)/time.Second)
		}
	}
	return out
}

// TestACorrectionIsAboutTheTimeThatItNames: of a unit that was sent twice to one incident, the
// stage of the assignment that the corrected time falls into, or is nearest to, is meant. What
// the other assignment has stays.
func TestACorrectionIsAboutTheTimeThatItNames(t *testing.T) {
	t.Parallel()
	twice := []incident.Event{
		opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"), act(600, incident.ActRelease, "i1", "damkar-1"),
		act(900, incident.ActDispatch, "i1", "damkar-1"), key(1200, radio, devices.StatusOnScene),
	}
	for _, c := range []struct {
		name string
		to   int
		want []time.Duration
	}{
		{"within the first", 300, []time.Duration{300, 1200}},
		{"within the second", 1100, []time.Duration{1100}},
		{"between, nearer to the first", 700, []time.Duration{700, 1200}},
		{"between, nearer to the second", 880, []time.Duration{880}},
		{"before both", 10, []time.Duration{10, 1200}},
	} {
		tr, _ := fold(append(twice, corrected(2000, "i1", "damkar-1", incident.OnScene, c.to))...)
		got := timesOf(tr, "i1", "damkar-1", incident.OnScene)
		if len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
			t.Errorf("%s: arrivals at %v s, not %v", c.name, got, c.want)
		}
		course, _ := tr.Course("i1")
		for _, iv := range settings().Plan.Intervals(course) {
			if iv.Contradictory && c.to > 100 && c.to != 880 {
				t.Errorf("%s: %s from %v to %v", c.name, iv.Name, iv.From.Sub(start), iv.To.Sub(start))
			}
		}
	}
}

// TestSentToAnIncidentThatEnded: a unit that is sent in the moment in which somebody else closes
// or cancels the incident is on nothing, whichever act came to the gateway first; reopening gives
// it back, unless it is elsewhere.
func TestSentToAnIncidentThatEnded(t *testing.T) {
	t.Parallel()
	on := func(events ...incident.Event) string {
		var where string
		events = numbered(events)
		for _, order := range [][]incident.Event{events, reversed(events)} {
			tr, _ := fold(order...)
			u, _ := tr.UnitByID("damkar-1")
			where = u.Incident
			in, _ := tr.Incident("i1")
			if course, _ := tr.Course("i1"); in.Ended() && len(course.Units) > 0 {
				t.Errorf("clocks of %v", course.Units)
			}
			if n := len(timesOf(tr, "i1", "damkar-1", incident.Dispatched)); (n > 0) != (where == "i1") {
				t.Errorf("%d stages, and the unit is on %q", n, where)
			}
		}
		return where
	}
	sentLate := act(101, incident.ActDispatch, "i1", "damkar-1")
	for _, end := range []incident.ActKind{incident.ActClose, incident.ActCancel} {
		ended := []incident.Event{opened(0, "i1"), opened(1, "i2"), act(100, end, "i1"), sentLate}
		if got := on(ended...); got != "" {
			t.Errorf("%s: on %q", end, got)
		}
		if got := on(append(ended, key(200, radio, devices.StatusOnScene), act(300, incident.ActReopen, "i1"))...); got != "i1" {
			t.Errorf("%s, reopened: on %q", end, got)
		}
		if got := on(append(ended, act(200, incident.ActDispatch, "i2", "damkar-1"), act(300, incident.ActReopen, "i1"))...); got != "i2" {
			t.Errorf("%s, sent elsewhere and reopened: on %q", end, got)
		}
		if got := on(append(ended, act(50, incident.ActDispatch, "i2", "damkar-1"))...); got != "i2" {
			t.Errorf("%s, was elsewhere: on %q", end, got)
		}
	}
	// A duplicate of one that was closed is as closed as that.
	merged := act(50, incident.ActMerge, "i1")
	merged.Act.Into = "i2"
	if got := on(opened(0, "i1"), opened(1, "i2"), merged, act(100, incident.ActClose, "i2"), sentLate); got != "" {
		t.Errorf("sent to a duplicate of a closed one: on %q", got)
	}
}

// TestTheFirstEndStands until the incident is reopened: closing again moves no time, and neither
// un-cancels nor un-merges.
func TestTheFirstEndStands(t *testing.T) {
	t.Parallel()
	course := append(sent(), key(300, radio, devices.StatusOnScene), key(900, radio, devices.StatusCompleted))
	closed := func(events ...incident.Event) (string, []time.Duration) {
		tr, _ := fold(append(course, events...)...)
		in, _ := tr.Incident("i1")
		return in.Status, timesOf(tr, "i1", "", incident.Closed)
	}
	merged := act(950, incident.ActMerge, "i1")
	merged.Act.Into = "i2"
	for _, c := range []struct {
		name   string
		events []incident.Event
		status string
		closed int
	}{
		{"closed twice", []incident.Event{act(960, incident.ActClose, "i1"), act(7200, incident.ActClose, "i1")}, "closed", 960},
		{"cancelled, then closed", []incident.Event{act(960, incident.ActCancel, "i1"), act(970, incident.ActClose, "i1")}, "cancelled", 960},
		{"closed, then cancelled", []incident.Event{act(960, incident.ActClose, "i1"), act(970, incident.ActCancel, "i1")}, "closed", 960},
		{"merged, then closed", []incident.Event{opened(5, "i2"), merged, act(960, incident.ActClose, "i1")}, "merged", 0},
		{"closed, reopened, closed", []incident.Event{act(960, incident.ActClose, "i1"), act(1000, incident.ActReopen, "i1"), act(7200, incident.ActClose, "i1")}, "closed", 7200},
	} {
		status, at := closed(c.events...)
		if status != c.status || len(at) > 1 || (len(at) == 1) != (c.closed > 0) || len(at) == 1 && at[0] != time.Duration(c.closed) {
			t.Errorf("%s: %s at %v s, not %s at %d", c.name, status, at, c.status, c.closed)
		}
	}
}

// TestWhenAUnitIsDone: the procedure wants an update "while handling, and when done". A completed
// key before arrival, or one after which the unit goes on and presses it again, was none.
func TestWhenAUnitIsDone(t *testing.T) {
	t.Parallel()
	type pressed struct {
		s int
		k devices.Status
	}
	onScene, inProgress, done, free := devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable
	for _, c := range []struct {
		name   string
		keys   []pressed
		want   int // 0: not completed
		sure   bool
		status string
	}{
		{"after arrival", []pressed{{300, onScene}, {900, done}}, 900, true, "completed"},
		{"before arrival only", []pressed{{200, done}}, 200, false, "completed"},
		{"before arrival, then arrived", []pressed{{200, done}, {300, onScene}}, 0, false, "on_scene"},
		{"before arrival, then at work", []pressed{{200, done}, {300, inProgress}}, 0, false, "in_progress"},
		{"before arrival, and again when done", []pressed{{200, done}, {300, onScene}, {900, done}}, 900, true, "completed"},
		{"too early, at work, done", []pressed{{300, onScene}, {360, done}, {600, inProgress}, {1800, done}}, 1800, true, "completed"},
		{"too early twice", []pressed{{300, onScene}, {360, done}, {600, inProgress}, {700, done}, {800, onScene}, {1800, done}}, 1800, true, "completed"},
		{"pressed twice when done", []pressed{{300, onScene}, {900, done}, {960, done}}, 900, true, "completed"},
		{"a stray key after it", []pressed{{300, onScene}, {900, done}, {2400, inProgress}}, 900, false, "in_progress"},
		{"free before it arrived is not done", []pressed{{200, done}, {300, onScene}, {400, free}}, 0, false, "on_scene"},
	} {
		events := sent()
		for _, k := range c.keys {
			events = append(events, key(k.s, radio, k.k))
		}
		tr, _ := fold(events...)
		in, _ := tr.Incident("i1")
		got := timesOf(tr, "i1", "damkar-1", incident.Completed)
		if (len(got) > 0) != (c.want > 0) || len(got) > 0 && got[0] != time.Duration(c.want) || in.Status != c.status {
			t.Errorf("%s: completed at %v s, %s; not %d, %s", c.name, got, in.Status, c.want, c.status)
		}
		for _, m := range in.Milestones {
			if m.Name == incident.Completed && (m.Confidence > 0.5) != c.sure {
				t.Errorf("%s: %.1f sure", c.name, m.Confidence)
			}
		}
		if u, _ := tr.UnitByID("damkar-1"); u.Incident != "i1" {
			t.Errorf("%s: the unit was let go", c.name)
		}
	}
}
