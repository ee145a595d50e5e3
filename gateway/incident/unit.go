package incident

import (
	"slices"
	"time"

	"htgateway/devices"
)

// team is what the tracker knows of one unit: its own state, and its part in
// each incident. What a unit did is a function of the set of its events, taken
// in the order in which the gateway learned them; each event takes its place by
// its own time.
type team struct {
	Unit
	state    UnitState
	statusBy mark
	fixBy    mark

	events      []told
	assignments []*assignment
	frozen      []*assignment
	pruneAt     int
	emitted     map[string]struct{}
}

// told is one event of a unit, at its place in the order of knowledge.
type told struct {
	mark
	press *press
	fix   *sighting
	act   *Act
}

// keepIdle is how long a unit's fold stays open to events that come late: a fix
// that comes later is journaled and stored, and no longer changes an arrival.
const keepIdle = 6 * time.Hour

// pruneFrom is the number of events from which pruning is worth its cost.
const pruneFrom = 2048

// learn files an event and returns what changed. An event that was learned
// before others already filed makes the unit's fold run again.
func (u *team) learn(t *Tracker, e told) []Update {
	i, found := slices.BinarySearchFunc(u.events, e.mark, func(o told, m mark) int { return o.compare(m) })
	if found {
		return nil
	}
	u.events = slices.Insert(u.events, i, e)
	if i == len(u.events)-1 {
		out := u.fresh(u.step(t, e))
		u.prune()
		return out
	}
	return u.refold(t, e.at)
}

// refold derives everything again and returns what is different from before, as
// it became known at knownAt. What was given out between the two is not given out
// again: a reader is told of the net change, from what it last heard.
func (u *team) refold(t *Tracker, knownAt time.Time) []Update {
	before := u.assignments
	u.assignments = slices.Clone(u.frozen)
	var out []Update
	for _, e := range u.events {
		out = append(out, u.step(t, e)...)
	}
	out = u.fresh(slices.DeleteFunc(out, func(up Update) bool { return up.Milestone != nil || up.Before != nil }))
	for _, a := range u.assignments {
		old := &assignment{current: map[MilestoneName]*Milestone{}}
		if i := slices.IndexFunc(before, a.isSame); i >= 0 {
			old = before[i]
		}
		out = append(out, u.tell(t, a.incident, net(old, a), knownAt)...)
	}
	for _, old := range before {
		if !slices.ContainsFunc(u.assignments, old.isSame) {
			gone := &assignment{current: map[MilestoneName]*Milestone{}}
			out = append(out, u.tell(t, old.incident, net(old, gone), knownAt)...)
		}
	}
	return out
}

func (a *assignment) isSame(o *assignment) bool { return a.incident == o.incident && a.act == o.act }

// net lists what a reader of the old milestones must be told to have the new.
func net(old, now *assignment) []revision {
	var out []revision
	for _, name := range stages {
		was, is := old.current[name], now.current[name]
		if was == nil && is == nil || was != nil && is != nil && was.same(*is) && was.sameWitness(*is) {
			continue
		}
		out = append(out, revision{before: was, after: is})
	}
	return append(out, progressed(old.progress, now.progress)...)
}

// progressed lists the reports of progress that came and those that turned out
// to be the repetition of another.
func progressed(old, now []Milestone) []revision {
	var out []revision
	for i := range old {
		if !slices.ContainsFunc(now, old[i].same) {
			out = append(out, revision{before: &old[i]})
		}
	}
	for i := range now {
		if !slices.ContainsFunc(old, now[i].same) {
			out = append(out, revision{after: &now[i]})
		}
	}
	return out
}

// tell makes updates of revisions.
func (u *team) tell(t *Tracker, incident string, revisions []revision, knownAt time.Time) []Update {
	var out []Update
	for _, r := range revisions {
		out = append(out, t.milestoneUpdate(incident, u, r, knownAt))
	}
	return out
}

// fresh drops updates about acts and alerts that were given out before, when they
// are derived again.
func (u *team) fresh(updates []Update) []Update {
	return slices.DeleteFunc(updates, func(up Update) bool {
		if up.Milestone != nil || up.Before != nil {
			return false
		}
		_, known := u.emitted[up.ID]
		u.emitted[up.ID] = struct{}{}
		return known
	})
}

// prune forgets what can no longer matter, so that memory does not grow with
// the length of a shift. Parts in incidents that ended before the horizon are
// frozen: a late key still reaches them, a late fix does not.
func (u *team) prune() {
	if len(u.events) < max(u.pruneAt, pruneFrom) {
		return
	}
	horizon := u.events[len(u.events)-1].at.Add(-keepIdle)
	live := map[string]bool{}
	u.frozen = u.frozen[:0:0]
	for _, a := range u.assignments {
		if a.until.IsZero() || !a.until.Before(horizon) {
			live[a.incident] = true
			continue
		}
		a.fixes = nil
		u.frozen = append(u.frozen, a)
	}
	u.events = slices.DeleteFunc(u.events, func(e told) bool {
		switch {
		case !e.at.Before(horizon):
			return false
		case e.act != nil:
			return !live[e.act.Incident]
		case e.press != nil:
			return u.isIdle(e.press.at)
		default:
			return u.isIdle(e.fix.at)
		}
	})
	u.pruneAt = 2 * len(u.events)
}

// isIdle tells whether the unit was on no incident that is still open to change.
func (u *team) isIdle(at time.Time) bool {
	a := u.assignmentAt(at)
	return a == nil || slices.Contains(u.frozen, a)
}

// step takes one event in its order of knowledge.
func (u *team) step(t *Tracker, e told) []Update {
	switch {
	case e.act != nil:
		return u.stepAct(t, e.act)
	case e.press != nil:
		a := u.assignmentAt(e.press.at)
		if a == nil {
			return nil
		}
		a.addKey(*e.press)
		out := u.settle(t, a, e.at)
		return append(out, u.free(t, a, *e.press)...)
	default:
		a := u.assignmentAt(e.fix.at)
		if a == nil || slices.Contains(u.frozen, a) {
			return nil
		}
		before, parked := a.stay.Arrived(), a.stay.ParkedFor()
		a.addFix(*e.fix, t.settings.Arrival, t.placeOf(a.incident, e.at))
		if a.stay.Arrived() == before && (parked >= parkedNoKey) == (a.stay.ParkedFor() >= parkedNoKey) {
			return nil
		}
		return u.settle(t, a, e.at)
	}
}

// assignmentAt is the incident that the unit was on at a time: of several, the
// one it was sent to last. A key belongs to this one and to no other.
func (u *team) assignmentAt(at time.Time) *assignment {
	var best *assignment
	for _, a := range u.assignments {
		if a.covers(at) && (best == nil || !a.from.Before(best.from)) {
			best = a
		}
	}
	return best
}

// open is the unit's part in an incident that still lasts.
func (u *team) open(incident string) *assignment {
	for _, a := range u.assignments {
		if a.incident == incident && a.until.IsZero() {
			return a
		}
	}
	return nil
}

func (u *team) stepAct(t *Tracker, act *Act) []Update {
	switch act.Kind {
	case ActDispatch:
		return u.dispatch(t, act)
	case ActRelease:
		if a := u.open(act.Incident); a != nil {
			return u.end(t, a, act.At, endReleased, act)
		}
	case ActClose, ActCancel:
		if a := u.open(act.Incident); a != nil {
			return u.end(t, a, act.At, endClosed, act)
		}
	case ActReopen:
		for _, a := range u.assignments {
			if a.incident == act.Incident && a.ended == endClosed {
				a.until, a.ended = time.Time{}, ""
			}
		}
	case ActRelocate:
		var out []Update
		for _, a := range u.assignments {
			if a.incident == act.Incident {
				a.watch(t.settings.Arrival, t.placeOf(a.incident, act.At))
				out = append(out, u.settle(t, a, act.At)...)
			}
		}
		return out
	case ActCorrect:
		if a := u.last(act.Incident); a != nil && !a.hasCorrection(act.ID) {
			a.corrections = append(a.corrections, correction{mark{act.At, act.ID}, act.Milestone, act.MilestoneAt, act.By, act.Reason})
			return u.settle(t, a, act.At)
		}
	}
	return nil
}

// last is the unit's newest part in an incident, open or not.
func (u *team) last(incident string) *assignment {
	for _, a := range slices.Backward(u.assignments) {
		if a.incident == incident {
			return a
		}
	}
	return nil
}

// dispatch sends the unit; from another incident it is thereby moved. Sent twice
// to the same, it was sent once.
func (u *team) dispatch(t *Tracker, act *Act) []Update {
	if u.open(act.Incident) != nil {
		return nil
	}
	var out []Update
	for _, a := range u.assignments {
		if a.until.IsZero() {
			out = append(out, u.end(t, a, act.At, endMoved, act)...)
		}
	}
	source := ByDispatcher
	if act.By == "cad" {
		source = ByCAD
	}
	a := &assignment{
		incident: act.Incident, unit: u.ID, act: act.ID, by: act.By, source: source, from: act.At,
		current: map[MilestoneName]*Milestone{}, alerts: map[string]Alert{},
	}
	a.watch(t.settings.Arrival, t.placeOf(act.Incident, act.At))
	u.assignments = append(u.assignments, a)
	up := t.about(UpdateAssigned, act.Incident, u, act.At, act.ID)
	up.ID, up.By = updateID(UpdateAssigned, act.Incident, u.ID, act.ID), act.By
	out = append(out, up)
	return append(out, u.settle(t, a, act.At)...)
}

// Why an assignment ended.
const (
	endReleased = "released"
	endMoved    = "moved"
	endClosed   = "closed"
	endFree     = "available"
)

func (u *team) end(t *Tracker, a *assignment, at time.Time, why string, act *Act) []Update {
	a.until, a.ended = at, why
	up := t.about(UpdateReleased, a.incident, u, at, act.ID)
	up.ID, up.By, up.Text = updateID(UpdateReleased, a.incident, u.ID, act.ID), act.By, why
	return []Update{up}
}

// free lets a unit go that says it is available after it completed.
func (u *team) free(t *Tracker, a *assignment, p press) []Update {
	done := a.current[Completed]
	if p.status != devices.StatusAvailable || done == nil || p.at.Before(done.At) || !a.until.IsZero() {
		return nil
	}
	return u.end(t, a, p.at, endFree, &Act{ID: p.id, By: string(ByKey)})
}

// settle derives the assignment's milestones again and tells what changed.
func (u *team) settle(t *Tracker, a *assignment, knownAt time.Time) []Update {
	alerts := len(a.alerts)
	next := a.judge(&t.settings, t.placeOf(a.incident, knownAt))
	revisions := revise(a.current, next, knownAt, a.reason)
	progress := a.inProgress(t.settings.RetryWindow)
	revisions = append(revisions, progressed(a.progress, progress)...)
	a.progress = progress
	out := u.tell(t, a.incident, revisions, knownAt)
	if len(a.alerts) != alerts {
		for _, al := range a.sortedAlerts() {
			out = append(out, t.alertUpdate(al, u, knownAt))
		}
	}
	return out
}

// reason says in words why a milestone was replaced.
func (a *assignment) reason(m Milestone) (why, by string) {
	for _, c := range a.corrections {
		if c.id == m.Report {
			return c.reason, c.by
		}
	}
	if m.Evidence == ByGeofence {
		return "fixes prove an earlier arrival", ""
	}
	return "late report", ""
}

func (a *assignment) hasCorrection(act string) bool {
	return slices.ContainsFunc(a.corrections, func(c correction) bool { return c.id == act })
}
