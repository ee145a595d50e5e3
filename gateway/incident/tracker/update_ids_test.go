package tracker_test

import (
	"fmt"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// TestUpdatesOfIntervalsHaveAnIDEach: a value that is reached again is another update, so
// that who leaves out what it has an id of is not left at the value between.
func TestUpdatesOfIntervalsHaveAnIDEach(t *testing.T) {
	t.Parallel()
	correct := func(s, to int, name incident.MilestoneName, units ...string) incident.Event {
		e := act(s, incident.ActCorrect, "i1", units...)
		e.Act.Milestone, e.Act.MilestoneAt, e.Act.Reason = name, at(to), "as the log book says"
		return e
	}
	begun := []incident.Event{opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1")}
	for name, events := range map[string][]incident.Event{
		"an arrival corrected to and fro": {
			correct(2000, 300, incident.OnScene, "damkar-1"), correct(2001, 360, incident.OnScene, "damkar-1"),
			correct(2002, 300, incident.OnScene, "damkar-1"), correct(2003, 360, incident.OnScene, "damkar-1"),
		},
		"two corrections of one second": {
			correct(2000, 300, incident.OnScene, "damkar-1"), correct(2001, 360, incident.OnScene, "damkar-1"),
			func() incident.Event {
				e := correct(2001, 300, incident.OnScene, "damkar-1")
				e.Act.ID += " again"
				return e
			}(),
			func() incident.Event {
				e := correct(2001, 360, incident.OnScene, "damkar-1")
				e.Act.ID += " at last"
				return e
			}(),
		},
		"the call corrected to and fro": {
			key(600, "fleetsync:102-1001", devices.StatusOnScene),
			correct(2000, -60, incident.Received), correct(2001, 0, incident.Received), correct(2002, -60, incident.Received), correct(2003, 0, incident.Received),
		},
		"closed and reopened": {
			key(600, "fleetsync:102-1001", devices.StatusOnScene), act(900, incident.ActClose, "i1"), act(901, incident.ActReopen, "i1"),
			act(902, incident.ActClose, "i1"), act(903, incident.ActReopen, "i1"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, updates := fold(append(begun[:len(begun):len(begun)], events...)...)
			seen, intervals := map[string]incident.Update{}, 0
			for _, u := range updates {
				if old, twice := seen[u.ID]; twice {
					t.Errorf("update %d (%s) has the id of update %d (%s)", u.Seq, u.Kind, old.Seq, old.Kind)
				}
				if seen[u.ID] = u; u.Kind != incident.UpdateInterval {
					continue
				}
				if intervals++; u.KnownAt.IsZero() {
					t.Errorf("%s is not said to be known at any time", fmt.Sprint(u.Interval))
				}
			}
			if intervals < 4 {
				t.Errorf("only %d updates about intervals", intervals)
			}
		})
	}
}
