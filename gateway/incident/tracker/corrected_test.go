package tracker_test

import (
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// TestATimeThatAPersonSetIsCertifiedAsThat, whatever key and GPS say of another time: they stand
// beside it as a witness.
func TestATimeThatAPersonSetIsCertifiedAsThat(t *testing.T) {
	t.Parallel()
	onScene, near := key(420, radio, devices.StatusOnScene), []incident.Event{}
	for s := 400; s < 500; s += 10 {
		near = append(near, fixAt(s, radio, 10, 0))
	}
	for _, c := range []struct {
		name    string
		proof   []incident.Event
		witness incident.Evidence
		at      int
	}{
		{"confirmed by both", append(near, onScene), incident.ByGeofence, 400},
		{"by the key only", []incident.Event{onScene}, incident.ByKey, 420},
		{"by GPS only", near, incident.ByGeofence, 400},
		{"by nothing", nil, "", 0},
	} {
		for _, to := range []int{60, 390, 405, 900} {
			events := numbered(append(append(sent(), c.proof...), key(800, radio, devices.StatusCompleted), corrected(1000, "i1", "damkar-1", incident.OnScene, to)))
			for _, order := range [][]incident.Event{events, reversed(events)} {
				tr, _ := fold(order...)
				m := milestone(t, tr, "i1", "damkar-1", incident.OnScene)
				if m.Verdict != incident.Corrected || m.Confidence >= 0.9 || m.Evidence != incident.ByDispatcher || !m.At.Equal(at(to)) {
					t.Errorf("%s, set to %d: %+v", c.name, to, m)
				}
				switch {
				case c.witness == "":
					if m.Other != nil {
						t.Errorf("%s: a witness %+v", c.name, m.Other)
					}
				case m.Other == nil || m.Other.Evidence != c.witness || !m.Other.At.Equal(at(c.at)) || m.DifferenceS.Or(0) != float64(c.at-to):
					t.Errorf("%s: the witness beside it is %+v, %v s later", c.name, m.Other, m.DifferenceS)
				}
			}
		}
	}
}

// TestAContradictoryTimeIsNoSuccess: an arrival that a person set before the order, or after the
// completion, is contradictory for the clocks as it is for the intervals that figures are made of,
// and takes no completion away.
func TestAContradictoryTimeIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to       int
		interval sop.IntervalName
	}{{10, sop.IntervalName(sop.OnSceneUpdate)}, {900, sop.OnSceneTime}} {
		tr, _ := fold(append(sent(), key(420, radio, devices.StatusOnScene), key(800, radio, devices.StatusCompleted), corrected(1000, "i1", "damkar-1", incident.OnScene, c.to))...)
		course, _ := tr.Course("i1")
		found := false
		for _, iv := range settings().Plan.Intervals(course) {
			if iv.Name == c.interval && iv.Unit == "damkar-1" {
				found = iv.Contradictory && !iv.Within
			}
		}
		if !found {
			t.Errorf("set to %d: %s is not contradictory", c.to, c.interval)
		}
		for _, clock := range settings().Plan.Clocks(course, at(2000)) {
			if want := c.to == 10 && clock.Name == sop.OnSceneUpdate; (clock.State == sop.Contradictory) != want {
				t.Errorf("set to %d: %s is %s", c.to, clock.Name, clock.State)
			}
		}
		if m := milestone(t, tr, "i1", "damkar-1", incident.Completed); !m.At.Equal(at(800)) {
			t.Errorf("set to %d: completed at %v", c.to, m.At)
		}
	}
}
