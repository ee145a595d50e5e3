package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

func newTimeline(unit incident.Unit) *unitTimeline {
	return &unitTimeline{Unit: unit, state: incident.UnitState{Unit: unit}, history: history{setAside: map[geo.Exclusion]int{}}}
}

// unlearn takes back events from a time of their own on, as if the unit had never had them.
// What is too old to be replayed stays.
func (u *unitTimeline) unlearn(t *Tracker, knownAt, since time.Time, gone func(observation) bool) (taken []observation, out []incident.Update) {
	wanted := func(o observation) bool {
		return o.Origin != nil && !o.Own.At.Before(since) && o.Known.Compare(u.compactedUpTo) > 0 && gone(o)
	}
	u.fixes.Forget(func(e *fixlog.Entry) bool {
		is := wanted(observation{Entry: e})
		if is {
			taken = append(taken, observation{Entry: e})
		}
		return is
	}, func(_, last time.Time) bool { return !last.Before(since) })
	u.actsAndKeys = slices.DeleteFunc(u.actsAndKeys, func(o observation) bool {
		is := wanted(o)
		if is {
			taken = append(taken, o)
		}
		return is
	})
	if len(taken) == 0 {
		return nil, nil
	}
	slices.SortFunc(taken, byKnown)
	out = u.replayFromKnown(t, taken[0].Known, nil, knownAt)
	u.fixes.Pack(t.packing)
	u.findStatus()
	return taken, out
}

// takeOver adds events that another had, or nobody.
func (u *unitTimeline) takeOver(t *Tracker, said []observation, knownAt time.Time) []incident.Update {
	said = slices.DeleteFunc(said, func(o observation) bool { return u.isKept(o) })
	if len(said) == 0 {
		return nil
	}
	for _, o := range said {
		o.Origin, o.Incident = u.origins.same(*o.Origin), ""
		if o.Known.Compare(u.compactedUpTo) < 0 {
			o.Known = knownKey{Seq: u.compactedUpTo.Seq, Key: keyAt(u.compactedUpTo.At, u.compactedUpTo.ID+" "+o.Known.ID)}
		}
	}
	slices.SortFunc(said, byKnown)
	before := make([]time.Time, len(said))
	for i, o := range said {
		before[i] = o.at()
	}
	learned := u.replayFromKnown(t, said[0].Known, said, knownAt)
	u.fixes.Pack(t.packing)
	var own []incident.Update
	for i, o := range said {
		if heard := keyAt(o.Known.At, o.Own.ID); heard.Compare(u.heardBy) > 0 {
			u.heardBy, u.state.HeardAt, u.state.Link = heard, o.Known.At, o.Origin.Link
		}
		updates := u.emitAgain(t, o, before[i])
		if o.isFix() {
			updates[0].Newest = u.sighting().by == o.Own
		}
		own = append(own, updates...)
	}
	return append(own, learned...)
}

// findStatus finds anew which key the unit pressed last.
func (u *unitTimeline) findStatus() {
	u.statusBy, u.state.Status, u.state.StatusAt = orderKey{}, "", time.Time{}
	for _, o := range slices.Backward(u.actsAndKeys) {
		if o.statement != nil && o.statement.status != "" {
			u.statusBy, u.state.Status, u.state.StatusAt = o.Own, o.statement.status, o.at()
			return
		}
	}
}
