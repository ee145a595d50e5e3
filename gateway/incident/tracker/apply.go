package tracker

import (
	"slices"

	"htgateway/gateway/incident"
)

// apply continues the history by one event, the newest in the order of knowledge, and returns
// what changed.
func (u *unitTimeline) apply(t *Tracker, e observation) []incident.Update {
	switch {
	case e.act != nil:
		return u.applyAct(t, e)
	case e.isFix():
		return u.applyFix(t, e)
	}
	return u.applyKey(t, e)
}

func (u *unitTimeline) applyFix(t *Tracker, e observation) []incident.Update {
	u.setRight(e)
	if e.On {
		u.notePowerOn(e)
	}
	i := u.assignmentAt(e.Own.At)
	e.Incident = ""
	if i >= 0 {
		e.Incident = u.assignments[i].incident()
	}
	if e.Why = u.whySetAside(e.Entry); e.Why == "" {
		e.Why = t.settings.Arrival.Usable(e.Fix)
	}
	if e.Why != "" {
		u.setAside[e.Why]++
	}
	u.seen.see(e.Entry)
	if e.Why != incident.BeforeOn {
		u.noteClock(e)
	}
	e.Aside = e.Why != ""
	if u.fixes.Add(e.Entry); e.Aside {
		return nil
	}
	beside := u.rejudgeNearKeys(t, i, e)
	if i < 0 {
		return beside
	}
	p := u.writable(i)
	impossible := p.impossible()
	proven := p.judgeFix(&u.fixes, e.Entry)
	u.noteImpossible(p, impossible)
	if !proven && !p.nearKey(e.Entry) {
		return beside
	}
	return append(beside, u.rejudge(t, p, e)...)
}

// rejudgeNearKeys judges again the assignments that a fix does not fall into and that have an
// arrival key pressed so near in time that the fix may say where.
func (u *unitTimeline) rejudgeNearKeys(t *Tracker, own int, e observation) []incident.Update {
	var out []incident.Update
	for i := len(u.assignments) - 1; i >= 0; i-- {
		p := u.assignments[i]
		if !p.until.IsZero() && e.Own.At.Sub(p.until) > fixSpan {
			break
		}
		if i != own && p.nearKey(e.Entry) {
			out = append(out, u.rejudge(t, u.writable(i), e)...)
		}
	}
	return out
}

// insertByOwnTime puts an event at its own time; usually it is the newest. One that is there
// stays.
func insertByOwnTime(list []observation, e observation) []observation {
	if n := len(list); n == 0 || list[n-1].Own.Compare(e.Own) < 0 {
		return append(list, e)
	}
	i, found := slices.BinarySearchFunc(list, e.Own, byOwn)
	if found {
		return list
	}
	return slices.Insert(list, i, e)
}

func (u *unitTimeline) applyKey(t *Tracker, e observation) []incident.Update {
	u.setRight(e)
	if e.On {
		u.notePowerOn(e)
	}
	if e.Fix == nil || e.Fix.NoLock { // else its fix is heard, with the same clock
		u.noteClock(e)
	}
	out := u.replayAssignments(t, e)
	e.Incident = ""
	i := u.assignmentAt(e.Own.At)
	if i >= 0 {
		e.Incident = u.assignments[i].incident()
	}
	u.noteReportAlerts(t, e)
	switch {
	case i < 0:
		return append(out, u.alertOutside(t, e)...)
	case e.statement.status == "":
		return out
	}
	return append(out, u.rejudge(t, u.writable(i), e)...)
}

func (u *unitTimeline) applyAct(t *Tracker, e observation) []incident.Update {
	out := u.replayAssignments(t, e)
	switch e.act.Kind {
	case incident.ActCorrect, incident.ActRelocate, incident.ActMerge, incident.ActOpen, incident.ActReopen:
		from, to := t.sentBetween(t.stateOf(e.act.Incident))
		for i := u.assignmentsFrom(from); i < len(u.assignments) && !u.assignments[i].from.After(to); i++ {
			if slices.Contains(u.assignments[i].path, e.act.Incident) {
				out = append(out, u.rejudge(t, u.writable(i), e)...)
			}
		}
	}
	return out
}

// minReplayed is how many of a unit's newest acts and keys are replayed each time at least.
const minReplayed = 64

// replayAssignments adds an act or a key and derives the unit's assignments again. Those whose
// ends moved are judged again.
func (u *unitTimeline) replayAssignments(t *Tracker, e observation) []incident.Update {
	u.actsAndKeys = insertByOwnTime(u.actsAndKeys, e)
	early := u.replayFrom > 0 && byOwn(u.actsAndKeys[u.replayFrom-1], e.Own) >= 0
	if !e.decidesSpans() {
		if early {
			u.replayFrom++
		}
		return nil // keys of other meanings end nothing
	}
	if early {
		u.replayFrom, u.replayFromSpans = 0, nil
	}
	stand := u.unchangedSpans(t)
	if behind := len(u.actsAndKeys) - u.replayFrom; behind > 3*t.minReplayed {
		to := len(u.actsAndKeys) - t.minReplayed
		u.replayFromSpans = slices.Concat(u.replayFromSpans[:stand], t.deriveSpans(u.actsAndKeys[u.replayFrom:to], slices.Clone(u.replayFromSpans[stand:])))
		u.replayFrom = to
	}
	spans := t.deriveSpans(u.actsAndKeys[u.replayFrom:], slices.Clone(u.replayFromSpans[stand:]))
	return u.updateAssignments(t, stand, spans, e)
}

// unchangedSpans is how many of replayFromSpans no later event can change: all but the last,
// and but those of incidents that are corrected, merged or reopened later. A unit has
// thousands of spans after some years: most are looked at once.
func (u *unitTimeline) unchangedSpans(t *Tracker) int {
	stand := max(0, len(u.replayFromSpans)-1)
	for _, e := range u.actsAndKeys[u.replayFrom:] {
		if e.act == nil || e.act.Kind != incident.ActCorrect && e.act.Kind != incident.ActMerge && e.act.Kind != incident.ActReopen {
			continue
		}
		from, _ := t.sentBetween(t.stateOf(e.act.Incident))
		for stand > 0 && !from.IsZero() && !u.replayFromSpans[stand-1].from.Before(from) {
			stand--
		}
	}
	return stand
}

// updateAssignments makes the assignments from an index on be those of the spans; those before
// it stay.
func (u *unitTimeline) updateAssignments(t *Tracker, stand int, spans []assignmentSpan, e observation) []incident.Update {
	var out []incident.Update
	same := 0
	for same < len(spans) && stand+same < len(u.assignments) && spans[same].same(&u.assignments[stand+same].assignmentSpan) {
		same++
	}
	if same == len(spans) && stand+same == len(u.assignments) {
		return nil
	}
	old := u.assignments[stand+same:]
	u.assignments = slices.Clone(u.assignments[:stand+same])
	for i := same; i < len(spans); i++ {
		s := spans[i]
		j := slices.IndexFunc(old, func(p *assignment) bool { return p.act == s.act })
		if j < 0 {
			p := newAssignment(s, u.ID)
			u.assignments = append(u.assignments, p)
			out = append(out, u.assignedUpdate(t, p, s.act, s.from, ""))
			if !s.until.IsZero() {
				out = append(out, u.releasedUpdate(t, p))
			}
			u.judgeAt(t, p, e)
			out = append(out, u.rejudge(t, p, e)...)
			continue
		}
		u.assignments = append(u.assignments, old[j])
		p := u.writable(len(u.assignments) - 1)
		if p.assignmentSpan.same(&s) {
			continue
		}
		was := p.assignmentSpan
		p.assignmentSpan = s
		out = append(out, u.assignmentChanged(t, p, &was, e)...)
	}
	for _, p := range old {
		if !slices.ContainsFunc(u.assignments[stand+same:], func(q *assignment) bool { return q.act == p.act }) {
			u.impossible -= p.impossible()
			out = append(out, u.withdrawAssignment(t, p, e.Known.At)...)
		}
	}
	return out
}

// judgeAt judges the fixes of an assignment by where its incidents are known to be.
func (u *unitTimeline) judgeAt(t *Tracker, p *assignment, e observation) {
	impossible := p.impossible()
	p.judgeAt(&t.settings.Arrival, t.placesOf(p.path, e.Known.At), &u.fixes)
	u.noteImpossible(p, impossible)
}

// noteImpossible counts the fixes of an assignment that are left out as impossible jumps, which
// were so many before.
func (u *unitTimeline) noteImpossible(p *assignment, before int) {
	u.impossible += p.impossible() - before
}

// assignmentChanged makes the updates that follow from a change of an assignment's ends or
// incident.
func (u *unitTimeline) assignmentChanged(t *Tracker, p *assignment, was *assignmentSpan, e observation) []incident.Update {
	var out []incident.Update
	if from, to := was.incident(), p.incident(); from != to {
		out = append(out, u.assignmentMovedInto(t, p, from, e)...)
	}
	switch {
	case was.until.IsZero() && !p.until.IsZero(), !p.until.IsZero() && was.endBy != p.endBy:
		out = append(out, u.releasedUpdate(t, p))
	case !was.until.IsZero() && p.until.IsZero():
		out = append(out, u.assignedUpdate(t, p, e.Own.ID, e.Own.At, "reopened"))
	}
	impossible := p.impossible()
	p.rejudgeEnds(&u.fixes, was.until)
	u.noteImpossible(p, impossible)
	return append(out, u.rejudge(t, p, e)...)
}

// assignmentMovedInto makes an assignment count in another incident, after a merger or its
// end: what was emitted about the incident that it leaves stays, and about the other one
// everything is emitted.
func (u *unitTimeline) assignmentMovedInto(t *Tracker, p *assignment, from string, e observation) []incident.Update {
	_, back := p.recordsLeft[p.incident()]
	published := p.stageRecord.clone()
	var out []incident.Update
	if p.recordsLeft == nil {
		p.recordsLeft = map[string]stageRecord{}
	}
	before := newStageRecord()
	if back {
		before = p.recordsLeft[p.incident()]
		delete(p.recordsLeft, p.incident())
	}
	if slices.Contains(p.path, from) {
		p.recordsLeft[from] = published
	} else {
		out = append(out, u.emit(t, from, diffRecords(published, newStageRecord()), e.Known.At)...)
	}
	out = append(out, u.assignedUpdate(t, p, e.Own.ID, e.Own.At, "from "+from))
	return append(out, u.emit(t, p.incident(), diffRecords(before, published), e.Known.At)...)
}

// rejudge derives the assignment's milestones again and emits what changed.
func (u *unitTimeline) rejudge(t *Tracker, p *assignment, e observation) []incident.Update {
	if e.act != nil {
		u.judgeAt(t, p, e)
	}
	keys := p.keysOf(u.actsAndKeys)
	revisions := revise(p.stageRecord, u.judge(t, p, keys, e), e, p.reason)
	progress := p.inProgress(keys, t.settings.RetryWindow)
	revisions = append(revisions, diffProgress(p.progress, progress)...)
	p.progress = progress
	out := u.emit(t, p.incident(), revisions, e.Known.At)
	for _, a := range p.raised {
		out = append(out, t.alertUpdate(a, u, e.Known.At))
	}
	p.raised = nil
	return out
}
