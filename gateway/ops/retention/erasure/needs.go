package erasure

import (
	"cmp"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
)

// Near is how close in time an assignment or a pressed key must be for a fix to be kept.
const Near = 24 * time.Hour

// Needs are the times of which incidents may need a unit's fixes: while it was assigned
// to one, and when it pressed a key. In doubt they are longer: a device's fixes are
// needed where those of any unit are that it ever spoke for, and an incident that was
// never closed goes on.
//
// It is pure: what it says follows from the roster and the entries that it was given.
type Needs struct {
	units  map[devices.Identity][]string
	acts   []*incident.Act
	keys   map[string][]stretch
	newest map[devices.Identity]newest
	needed map[string][]stretch // by unit, in order, none touching another
}

// stretch is a time from one moment to another, both in it.
type stretch struct{ from, to time.Time }

// newest are the reports of a device with the newest fix, by its own time and by when
// the gateway knew it.
type newest struct {
	own, known     time.Time
	byOwn, byKnown string
}

// forever ends what has no end yet.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// NewNeeds knows of nothing that happened yet.
func NewNeeds(roster []incident.Unit) *Needs {
	n := &Needs{units: map[devices.Identity][]string{}, keys: map[string][]stretch{}, newest: map[devices.Identity]newest{}}
	for _, u := range roster {
		for _, d := range u.Devices {
			n.units[d] = append(n.units[d], u.ID)
		}
		for _, f := range u.Former {
			n.units[f.Device] = append(n.units[f.Device], u.ID)
		}
	}
	return n
}

// Learn takes an entry of the journal, each once, in any order. An error wraps that of
// reading its body.
func (n *Needs) Learn(e journal.Entry) error {
	switch e.Kind {
	case journal.KindAct:
		ev, _, err := incident.EventOf(e)
		if err != nil {
			return err
		}
		n.acts = append(n.acts, ev.Act)
	case journal.KindReport:
		r, err := journal.Decode[devices.Report](e)
		if err != nil {
			return err
		}
		n.learnReport(r)
	}
	return nil
}

func (n *Needs) learnReport(r *devices.Report) {
	if r.Status != "" || r.Emergency {
		at := stretch{r.ReceivedAt, r.ReceivedAt}
		for _, t := range []time.Time{r.DeviceTime, r.KnownAt()} {
			at = at.with(t)
		}
		for _, unit := range n.speakers(r.Device) {
			n.keys[unit] = append(n.keys[unit], at)
		}
	}
	if r.Fix == nil || r.Fix.Forgotten {
		return
	}
	own, known := tracker.WhenOf(r)
	is := n.newest[r.Device]
	if is.byOwn == "" || own.After(is.own) {
		is.own, is.byOwn = own, r.ID
	}
	if is.byKnown == "" || known.After(is.known) {
		is.known, is.byKnown = known, r.ID
	}
	n.newest[r.Device] = is
}

// with is the stretch that has a time in it too; a time that is not known is left out.
func (s stretch) with(t time.Time) stretch {
	switch {
	case t.IsZero():
	case t.Before(s.from):
		s.from = t
	case t.After(s.to):
		s.to = t
	}
	return s
}

// speakers are the units that a device ever spoke for; a stranger is one of its own.
func (n *Needs) speakers(d devices.Identity) []string {
	if units := n.units[d]; len(units) > 0 {
		return units
	}
	return []string{"\x00" + string(d)}
}

// Settle is called once everything is learned.
func (n *Needs) Settle() {
	n.needed = map[string][]stretch{}
	for unit, keys := range n.keys {
		n.needed[unit] = append(n.needed[unit], keys...)
	}
	for unit, assigned := range n.assignments() {
		n.needed[unit] = append(n.needed[unit], assigned...)
	}
	for unit, all := range n.needed {
		slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
		joined := all[:1]
		for _, s := range all[1:] {
			if last := &joined[len(joined)-1]; s.from.After(last.to) {
				joined = append(joined, s)
			} else if s.to.After(last.to) {
				last.to = s.to
			}
		}
		n.needed[unit] = joined
	}
}

// assignments are the times from being sent until being taken off, sent elsewhere, or
// the last act of the incident and all that were merged with it, once it is closed.
func (n *Needs) assignments() map[string][]stretch {
	slices.SortFunc(n.acts, func(a, b *incident.Act) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	groups := groupsOf(n.acts)
	out := map[string][]stretch{}
	open := map[string]string{} // by unit, the group that it was sent to
	end := func(unit string, at time.Time) {
		own := out[unit]
		if last := &own[len(own)-1]; at.Before(last.to) {
			last.to = at
		}
		delete(open, unit)
	}
	for _, a := range n.acts {
		for _, unit := range a.Units {
			group := groups.of(a.Incident)
			switch a.Kind {
			case incident.ActDispatch:
				if at, is := open[unit]; is && at == group {
					continue
				} else if is {
					end(unit, a.At)
				}
				out[unit] = append(out[unit], stretch{a.At, groups.ends[group]})
				open[unit] = group
			case incident.ActRelease:
				if at, is := open[unit]; is && at == group {
					end(unit, a.At)
				}
			case incident.ActCorrect: // of a part that may be over
				s := stretch{a.At, a.At}.with(a.MilestoneAt)
				if _, is := open[unit]; is { // the part that is open stays the last
					out[unit] = slices.Insert(out[unit], len(out[unit])-1, s)
				} else {
					out[unit] = append(out[unit], s)
				}
			}
		}
	}
	return out
}

// groups are incidents that were merged with each other, and when each is over.
type groups struct {
	into map[string]string
	ends map[string]time.Time
}

func (g groups) of(incident string) string {
	for {
		next, merged := g.into[incident]
		if !merged {
			return incident
		}
		incident = next
	}
}

// groupsOf takes acts in the order of their time.
func groupsOf(acts []*incident.Act) groups {
	g := groups{map[string]string{}, map[string]time.Time{}}
	over := map[string]bool{}
	for _, a := range acts {
		if a.Kind != incident.ActMerge {
			continue
		}
		if from, to := g.of(a.Incident), g.of(a.Into); from != to {
			g.into[from] = to
		}
	}
	members := map[string]map[string]bool{}
	for _, a := range acts {
		if a.Incident == "" {
			continue
		}
		group := g.of(a.Incident)
		if members[group] == nil {
			members[group] = map[string]bool{}
		}
		members[group][a.Incident] = true
		if a.Kind == incident.ActMerge {
			members[group][a.Into] = true
		}
		if a.At.After(g.ends[group]) {
			g.ends[group] = a.At
		}
		switch a.Kind {
		case incident.ActClose, incident.ActCancel, incident.ActMerge:
			over[a.Incident] = true
		case incident.ActReopen, incident.ActOpen, incident.ActDispatch:
			over[a.Incident] = false
		}
	}
	for group, own := range members {
		for id := range own {
			if !over[id] {
				g.ends[group] = forever
			}
		}
	}
	return g
}

// Forgettable tells whether a report's place can be forgotten: it was there before a
// time by every clock, it says nothing but where the device was, it is not the newest
// of its device, and no incident can need it.
func (n *Needs) Forgettable(e journal.Entry, r *devices.Report, before time.Time) bool {
	if !onlyPlace(r) {
		return false
	}
	own, known := tracker.WhenOf(r)
	when := stretch{own, own}.with(known).with(r.ReceivedAt).with(e.At).with(e.JournaledAt)
	if !when.to.Before(before) {
		return false
	}
	if is := n.newest[r.Device]; is.byOwn == r.ID || is.byKnown == r.ID {
		return false
	}
	when = stretch{when.from.Add(-Near), when.to.Add(Near)}
	for _, unit := range n.speakers(r.Device) {
		needed := n.needed[unit]
		i, _ := slices.BinarySearchFunc(needed, when.from, func(s stretch, from time.Time) int { return s.to.Compare(from) })
		if i < len(needed) && !needed[i].from.After(when.to) {
			return false
		}
	}
	return true
}

// onlyPlace tells whether a report says where its device was, and nothing else that
// anybody could want to know of it later.
func onlyPlace(r *devices.Report) bool {
	return r.Fix != nil && !r.Fix.Forgotten && r.ID != "" && r.Status == "" && r.StatusCode == "" && r.Text == "" && !r.Emergency &&
		!r.PowerOn && r.Presence == nil && r.Crossing == nil && r.Name == ""
}
