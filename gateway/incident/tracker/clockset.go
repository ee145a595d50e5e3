package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// maxSetBack is how far the gateway's clock may have been set back between two orders to a
// unit for the later one to be moved after the earlier. A clock that was hours ahead was wrong
// before, not now: keys are pressed by the right time, and the order must not stand after them.
const maxSetBack = 10 * time.Minute

// inOrder is an act with its number in the journal, at a time that is not before those of the
// acts before it that it answers: the gateway's clock may have been set back between them, and
// what was done last counts.
func (t *Tracker) inOrder(act *incident.Act, seq uint64) *incident.Act {
	var latest time.Time
	if f := t.incidents[act.Incident]; f != nil && act.Kind != incident.ActMessage && act.Kind != incident.ActAckAlert {
		if i := slices.IndexFunc(f.acts, func(a *incident.Act) bool { return a.ID == act.ID }); i >= 0 {
			return f.acts[i]
		}
		latest = f.latestBefore(seq)
	}
	if act.Kind == incident.ActDispatch || act.Kind == incident.ActRelease {
		for _, id := range act.Units {
			if at := t.timelines[id].lastOrderBefore(seq); at.After(latest) {
				latest = at
			}
		}
		if latest.Sub(act.At) > maxSetBack {
			latest = time.Time{}
		}
	}
	setBack := act.At.Before(latest)
	if act.Seq == seq && !setBack {
		return act
	}
	moved := *act
	if moved.Seq = seq; setBack {
		moved.At = latest.Add(1)
	}
	return &moved
}

// latestBefore is the latest time of the incident's acts that stand before a number in the
// journal.
func (f *incidentState) latestBefore(seq uint64) time.Time {
	for _, a := range slices.Backward(f.acts) {
		if a.Seq < seq {
			return a.At
		}
	}
	return time.Time{}
}

// lastOrderBefore is the latest time of the acts about the unit that stand before a number in
// the journal.
func (u *unitTimeline) lastOrderBefore(seq uint64) time.Time {
	if u == nil {
		return time.Time{}
	}
	for _, e := range slices.Backward(u.actsAndKeys) {
		if e.act != nil && e.act.Seq < seq {
			return e.act.At
		}
	}
	return time.Time{}
}
