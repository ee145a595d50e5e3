package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// team is what the tracker knows of one unit. What a unit did is a function of the
// set of its events, taken in the order in which the gateway learned them; each
// event takes its place by its own time.
type team struct {
	incident.Unit
	state    incident.UnitState
	statusBy mark
	heardBy  mark
	retained sighting

	// line has acts and keys by their own time, all that there ever were, and fixes those
	// that may be taken or judged again. The order of knowledge is in their marks.
	line  []*told
	fixes fixes
	// latest is the newest in the order of knowledge.
	latest mark
	// floor is how far the walk need not be repeated, and what it had found there.
	floor      int
	floorSpans []span // never changed in place

	story
	// ground is the last event of which the place in the order of knowledge is forgotten.
	ground mark
	// pasts are copies of the story, the oldest first, from which it can be retold.
	pasts     []past
	sincePast int

	origins []*origin
	// interest is since when an incident's acts concern the unit.
	interest map[string]mark
}

// story is what follows from the events learned so far.
type story struct {
	parts    []*part
	clocks   []clock
	on       []poweredOn
	setAside map[geo.Exclusion]int
	cries    []incident.Alert
	calls    []incident.Alert // those of cries that are emergencies
	seen     sighting
}

// sighting is the newest fix that moves the unit's marker.
type sighting struct {
	by  mark
	fix *geo.Fix
}

func (s *sighting) see(e *told) {
	if !e.doubted && e.why != incident.BeforeOn && s.by.compare(e.own) < 0 {
		s.by, s.fix = e.own, e.fix
	}
}

// poweredOn is when a device was last switched on, by what it said.
type poweredOn struct {
	device devices.Identity
	at     time.Time
}

// past is a story as it was once the event at known was learned.
type past struct {
	known mark
	story story
}

func (s *story) copy() story {
	c := *s
	for _, p := range s.parts {
		p.shared = true
	}
	c.parts, c.clocks, c.on, c.cries = slices.Clone(s.parts), slices.Clone(s.clocks), slices.Clone(s.on), slices.Clip(s.cries)
	c.calls = slices.Clip(s.calls)
	s.cries, s.calls = c.cries, c.calls
	c.setAside = make(map[geo.Exclusion]int, len(s.setAside))
	for why, n := range s.setAside {
		c.setAside[why] = n
	}
	return c
}

// mine returns a part that may be changed.
func (s *story) mine(i int) *part {
	if s.parts[i].shared {
		s.parts[i] = s.parts[i].clone()
	}
	return s.parts[i]
}

// partAt is the index of the part that a moment falls into, -1 when the unit was
// on no incident. A key belongs to this one and to no other.
func (s *story) partAt(at time.Time) int {
	for i := len(s.parts) - 1; i >= 0; i-- {
		if p := s.parts[i]; !p.from.After(at) {
			if p.covers(at) {
				return i
			}
			return -1
		}
	}
	return -1
}

// partsFrom is the index of the first part that began at a time or later.
func (s *story) partsFrom(at time.Time) int {
	i, _ := slices.BinarySearchFunc(s.parts, at, func(p *part, at time.Time) int {
		if p.from.Before(at) {
			return -1
		}
		return 1
	})
	return i
}

// incidentAt is the incident that the unit was on at a time, or empty.
func (s *story) incidentAt(at time.Time) string {
	if i := s.partAt(at); i >= 0 {
		return s.parts[i].incident()
	}
	return ""
}

// keepIdle is how long what a unit told stays open to be told again in another
// order: an event that was learned longer ago is taken as learned then, and a fix
// of a part that ended longer ago no longer changes an arrival.
const keepIdle = 6 * time.Hour

// How often a story is copied, and how many copies are kept.
const (
	pastEvery = 512
	mostPasts = 24
)

// learn files an event and returns what changed. An event that was learned before
// others already filed makes the story be told again from there.
func (u *team) learn(t *Tracker, e *told) []incident.Update {
	defer u.fixes.pack(t.packing)
	if e.known.compare(u.ground) < 0 {
		if u.has(e) {
			return nil
		}
		e.known = mark{u.ground.at, u.ground.id + " " + e.known.id}
	}
	if u.latest.compare(e.known) < 0 && u.ground.compare(e.known) < 0 {
		u.latest = e.known
		out := u.take(t, e)
		if u.sincePast++; u.sincePast >= pastEvery {
			u.keepPast(e)
		}
		return out
	}
	if u.ground == e.known || u.knows(e) {
		return nil
	}
	return u.retell(t, e)
}

// has tells whether an event was learned so long ago that its place is forgotten. Of a
// fix that was left aside then nothing is known any more.
func (u *team) has(e *told) bool {
	if e.isFix() {
		o := u.fixes.find(e.own)
		return o != nil && !o.aside
	}
	return u.knows(e)
}

// knows tells whether an event is among those that are kept.
func (u *team) knows(e *told) bool {
	if e.isFix() {
		return u.fixes.find(e.own) != nil
	}
	_, found := slices.BinarySearchFunc(u.line, e.own, byOwn)
	return found
}

// keepPast copies the story, thins older copies, and forgets what is too old to be
// told again.
func (u *team) keepPast(e *told) {
	u.sincePast = 0
	u.pasts = append(u.pasts, past{e.known, u.story.copy()})
	horizon := e.known.at.Add(-keepIdle)
	old := -1
	for old+1 < len(u.pasts) && u.pasts[old+1].known.at.Before(horizon) {
		old++
	}
	if old >= 0 && u.pasts[old].known != u.ground {
		u.pasts = slices.Delete(u.pasts, 0, old)
		u.ground = u.pasts[0].known
		u.forget(horizon)
	}
	if len(u.pasts) > mostPasts {
		n := 0
		u.pasts = slices.DeleteFunc(u.pasts, func(past) bool {
			n++
			return n > 1 && n%2 == 0 && n < mostPasts-4
		})
	}
}

// forget drops fixes that cannot be taken again and belong to no part which is still
// open to them.
func (u *team) forget(horizon time.Time) {
	open := func(at time.Time) bool {
		i := u.partAt(at)
		return i >= 0 && !u.parts[i].forgotten
	}
	for i, p := range u.parts {
		if !p.until.IsZero() && p.until.Before(horizon) && !p.forgotten {
			q := u.mine(i)
			q.forgotten, q.checks = true, nil
		}
	}
	// One dated after the ground goes when the ground has passed it, and those of a part
	// that is open are not looked at: looking at them all each time would cost more than
	// judging them did.
	u.fixes.forget(func(e *told) bool {
		return e.known.compare(u.ground) <= 0 && (e.aside || e.own.at.Before(u.ground.at) && !open(e.own.at))
	}, func(first, last time.Time) bool {
		return first.Before(u.ground.at) && (!open(first) || !u.parts[u.partAt(first)].covers(last))
	})
}

// retell takes up the story before an event, tells it again from there, and returns
// what is different from before, as it became known with the event. What was given
// out between the two is not given out again: a reader is told of the net change,
// from what it last heard.
func (u *team) retell(t *Tracker, e *told) []incident.Update {
	before, at := u.story, mark{}
	for n := len(u.pasts); n > 0 && u.pasts[n-1].known.compare(e.known) >= 0; n-- {
		u.pasts = u.pasts[:n-1]
	}
	u.story = story{setAside: map[geo.Exclusion]int{}}
	if n := len(u.pasts); n > 0 {
		at = u.pasts[n-1].known
		u.story = u.pasts[n-1].story.copy()
	}
	later := func(o *told) bool { return o.known.compare(at) > 0 }
	again := split(&u.line, later, u.fixes.takeBack(at, []*told{e}))
	slices.SortFunc(again, byKnown)
	u.floor, u.floorSpans, u.sincePast = 0, nil, 0
	var moved []*told
	for _, o := range again {
		was := o.incident
		u.take(t, o)
		if o != e && o.incident != was {
			moved = append(moved, o)
		}
		if u.sincePast++; u.sincePast >= pastEvery && o != again[len(again)-1] {
			u.sincePast, u.pasts = 0, append(u.pasts, past{o.known, u.story.copy()})
		}
	}
	return u.differ(t, &before, moved, e.known.at)
}
