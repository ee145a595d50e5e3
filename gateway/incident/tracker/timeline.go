package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// unitTimeline is what the tracker knows of one unit. What a unit did is a function of the set
// of its events, applied in the order in which the gateway learned them; each event stands at
// its own time.
type unitTimeline struct {
	incident.Unit
	state    incident.UnitState
	statusBy orderKey
	heardBy  orderKey
	retained sighting

	// actsAndKeys are by their own time, all that there ever were, and fixes those that may
	// still be judged again. Their Known keys hold the order of knowledge.
	actsAndKeys []observation
	fixes       fixlog.Log
	// latest is the newest in the order of knowledge.
	latest knownKey
	// The acts and keys before replayFrom are not replayed at each event; replayFromSpans is
	// the result up to there.
	replayFrom      int
	replayFromSpans []assignmentSpan // never changed in place

	history
	// compactedUpTo: the order of knowledge is kept only of events after it. One that comes
	// later than this, but was known before, counts as known right after it.
	compactedUpTo knownKey
	// checkpoints are copies of the history, the oldest first, from which it can be replayed.
	checkpoints     []checkpoint
	sinceCheckpoint int

	origins origins
	// interest is since when an incident's acts concern the unit.
	interest map[string]orderKey
}

// history is what follows from the events learned so far.
type history struct {
	assignments  []*assignment
	clocks       []clock
	poweredOn    []poweredOn
	setAside     map[geo.Exclusion]int
	impossible   int // of the fixes that are judged, those left out as impossible jumps
	reportAlerts []incident.Alert
	// emergencies are those of reportAlerts that call for help.
	emergencies []incident.Alert
	// repeated are how often those of reportAlerts were said that stand for many reports.
	repeated []repetition
	seen     sighting
}

// sighting is the newest fix that moves the unit's marker.
type sighting struct {
	by  orderKey
	fix *geo.Fix
}

func (s *sighting) see(e *fixlog.Entry) {
	if !e.Doubted && e.Why != incident.BeforeOn && s.by.Compare(e.Own) < 0 {
		s.by, s.fix = e.Own, e.Fix
	}
}

// poweredOn is when a device was last switched on, by its own report.
type poweredOn struct {
	device devices.Identity
	at     time.Time
}

// checkpoint is the history as it was once the event at known was learned.
type checkpoint struct {
	known   knownKey
	history history
}

func (s *history) copy() history {
	c := *s
	for _, p := range s.assignments {
		p.shared = true
	}
	c.assignments, c.clocks, c.poweredOn, c.reportAlerts = slices.Clone(s.assignments), slices.Clone(s.clocks), slices.Clone(s.poweredOn), slices.Clip(s.reportAlerts)
	c.emergencies, c.repeated = slices.Clip(s.emergencies), slices.Clone(s.repeated)
	s.reportAlerts, s.emergencies = c.reportAlerts, c.emergencies
	c.setAside = make(map[geo.Exclusion]int, len(s.setAside))
	for why, n := range s.setAside {
		c.setAside[why] = n
	}
	return c
}

// writable returns an assignment that may be changed: a copy when a checkpoint has it too.
func (s *history) writable(i int) *assignment {
	if s.assignments[i].shared {
		s.assignments[i] = s.assignments[i].clone()
	}
	return s.assignments[i]
}

// assignmentAt is the index of the assignment that a moment falls into, -1 when the unit was
// on no incident. A key belongs to this one and to no other.
func (s *history) assignmentAt(at time.Time) int {
	for i := len(s.assignments) - 1; i >= 0; i-- {
		if p := s.assignments[i]; !p.from.After(at) {
			if p.covers(at) {
				return i
			}
			return -1
		}
	}
	return -1
}

// assignmentsFrom is the index of the first assignment that began at a time or later.
func (s *history) assignmentsFrom(at time.Time) int {
	i, _ := slices.BinarySearchFunc(s.assignments, at, func(p *assignment, at time.Time) int {
		if p.from.Before(at) {
			return -1
		}
		return 1
	})
	return i
}

// incidentAt is the incident that the unit was on at a time, or empty.
func (s *history) incidentAt(at time.Time) string {
	if i := s.assignmentAt(at); i >= 0 {
		return s.assignments[i].incident()
	}
	return ""
}

// reorderWindow is how long an event may still change its place in the order of knowledge. One
// that was learned longer ago counts as learned at compactedUpTo, and a fix of an assignment
// that ended longer ago no longer changes an arrival.
const reorderWindow = 6 * time.Hour

// How often the history is copied, and how many copies are kept.
const (
	checkpointEvery = 512
	maxCheckpoints  = 24
)

// learn adds an event and returns what changed. An event that was known before others that are
// here already makes the history be replayed from there.
func (u *unitTimeline) learn(t *Tracker, e observation) []incident.Update {
	defer u.fixes.Pack(t.packing)
	if e.Known.Compare(u.compactedUpTo) < 0 {
		if u.wasLearned(e) {
			return nil
		}
		e.Known = knownKey{Seq: u.compactedUpTo.Seq, Key: keyAt(u.compactedUpTo.At, u.compactedUpTo.ID+" "+e.Known.ID)}
	}
	if u.isKept(e) {
		return nil
	}
	if u.latest.Compare(e.Known) < 0 && u.compactedUpTo.Compare(e.Known) < 0 {
		u.latest = e.Known
		out := u.apply(t, e)
		if u.sinceCheckpoint++; u.sinceCheckpoint >= checkpointEvery {
			u.addCheckpoint(e)
		}
		return out
	}
	if u.compactedUpTo == e.Known {
		return nil
	}
	return u.replay(t, e)
}

// wasLearned tells whether an event was learned before compactedUpTo. Of a fix that was set
// aside then nothing is known any more.
func (u *unitTimeline) wasLearned(e observation) bool {
	if e.isFix() {
		return slices.ContainsFunc(u.places(e), func(at orderKey) bool {
			o := u.fixes.Find(at)
			return o != nil && !o.Aside
		})
	}
	return u.isKept(e)
}

// isKept tells whether an event is among those that are kept.
func (u *unitTimeline) isKept(e observation) bool {
	return slices.ContainsFunc(u.places(e), func(at orderKey) bool {
		if e.isFix() {
			return u.fixes.Find(at) != nil
		}
		_, found := slices.BinarySearchFunc(u.actsAndKeys, at, byOwn)
		return found
	})
}

// addCheckpoint copies the history, thins older copies, and forgets what is too old to be
// replayed.
func (u *unitTimeline) addCheckpoint(e observation) {
	u.sinceCheckpoint = 0
	u.checkpoints = append(u.checkpoints, checkpoint{e.Known, u.history.copy()})
	horizon := e.Known.At.Add(-reorderWindow)
	old := -1
	for old+1 < len(u.checkpoints) && u.checkpoints[old+1].known.At.Before(horizon) {
		old++
	}
	if old >= 0 && u.checkpoints[old].known != u.compactedUpTo {
		u.checkpoints = slices.Delete(u.checkpoints, 0, old)
		u.compactedUpTo = u.checkpoints[0].known
		u.forget()
	}
	if len(u.checkpoints) > maxCheckpoints {
		n := 0
		u.checkpoints = slices.DeleteFunc(u.checkpoints, func(checkpoint) bool {
			n++
			return n > 1 && n%2 == 0 && n < maxCheckpoints-4
		})
	}
}

// forget drops fixes that cannot be replayed and belong to no assignment which is still open
// to them.
func (u *unitTimeline) forget() {
	open := func(at time.Time) bool {
		i := u.assignmentAt(at)
		return i >= 0 && !u.assignments[i].fixesForgotten
	}
	u.forgetRepetitions()
	for i, p := range u.assignments {
		if !p.fixesForgotten && !p.until.IsZero() && p.until.Before(u.compactedUpTo.At) && p.learnedUpTo.Compare(u.compactedUpTo) <= 0 {
			u.forgetFixes(i)
		}
	}
	// A fix dated after compactedUpTo is dropped when that has passed it. The fixes of an open
	// assignment are not looked at: doing that each time would cost more than judging them
	// did.
	u.fixes.Forget(func(e *fixlog.Entry) bool {
		return e.Known.Compare(u.compactedUpTo) <= 0 && (e.Aside || e.Own.At.Before(u.compactedUpTo.At) && !open(e.Own.At))
	}, func(first, last time.Time) bool {
		return first.Before(u.compactedUpTo.At) && (!open(first) || !u.assignments[u.assignmentAt(first)].covers(last))
	})
}

// forgetFixes keeps of an assignment's fixes what they proved. A checkpoint knew all of them
// too: what they proved stands there as well, else a replay from it would look for them in vain.
func (u *unitTimeline) forgetFixes(i int) {
	old := u.assignments[i]
	p := old.clone()
	p.forgetFixes()
	u.assignments[i] = p
	instead := map[*assignment]*assignment{old: p}
	for n := range u.checkpoints {
		h := &u.checkpoints[n].history
		j := slices.IndexFunc(h.assignments, func(q *assignment) bool { return q.act == p.act })
		if j < 0 {
			continue
		}
		q := h.assignments[j]
		h.impossible += p.impossible() - q.impossible()
		if instead[q] == nil {
			r := q.clone()
			r.found, r.foundImpossible, r.askedFar, r.stays, r.fixesForgotten = p.found, p.foundImpossible, p.askedFar, nil, true
			instead[q] = r
		}
		h.assignments[j] = instead[q]
		h.assignments[j].shared = true
	}
}

// replay restores the history as it was before an event, applies the event and all later ones
// again, and returns the difference, as it became known with the event. The updates in between
// are not emitted again: a reader gets the net change from what it last had.
func (u *unitTimeline) replay(t *Tracker, e observation) []incident.Update {
	return u.replayFromKnown(t, e.Known, []observation{e}, e.Known.At)
}

// replayFromKnown applies all events from a place in the order of knowledge on again, and new
// ones with them.
func (u *unitTimeline) replayFromKnown(t *Tracker, from knownKey, added []observation, knownAt time.Time) []incident.Update {
	before, at := u.history, knownKey{}
	for n := len(u.checkpoints); n > 0 && u.checkpoints[n-1].known.Compare(from) >= 0; n-- {
		u.checkpoints = u.checkpoints[:n-1]
	}
	u.history = history{setAside: map[geo.Exclusion]int{}}
	if n := len(u.checkpoints); n > 0 {
		at = u.checkpoints[n-1].known
		u.history = u.checkpoints[n-1].history.copy()
	}
	again := slices.Clone(added)
	isNew, isNewReport := make(map[*fixlog.Entry]bool, len(added)), make(map[string]bool, len(added))
	for _, e := range added {
		isNew[e.Entry], isNewReport[e.Own.ID] = true, true
	}
	for _, fix := range u.fixes.TakeBack(at) {
		again = append(again, observation{Entry: fix})
	}
	u.actsAndKeys = slices.DeleteFunc(u.actsAndKeys, func(o observation) bool {
		later := o.Known.Compare(at) > 0
		if later {
			again = append(again, o)
		}
		return later
	})
	slices.SortFunc(again, byKnown)
	u.replayFrom, u.replayFromSpans, u.sinceCheckpoint = 0, nil, 0
	var moved []movedObservation
	for i, o := range again {
		was, at := o.Incident, o.at()
		u.apply(t, o)
		if !isNew[o.Entry] && (o.Incident != was || !o.at().Equal(at)) {
			moved = append(moved, movedObservation{o, at})
		}
		if u.latest.Compare(o.Known) < 0 {
			u.latest = o.Known
		}
		if u.sinceCheckpoint++; u.sinceCheckpoint >= checkpointEvery && i < len(again)-1 {
			u.sinceCheckpoint, u.checkpoints = 0, append(u.checkpoints, checkpoint{o.Known, u.history.copy()})
		}
	}
	return append(u.diff(t, &before, moved, knownAt), u.diffReportAlerts(t, &before, isNewReport, knownAt)...)
}
