package tracker

import (
	"maps"
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// movedObservation is one that belongs to another incident than was thought, or was at another
// time.
type movedObservation struct {
	observation
	beforeAt time.Time
}

// diff returns the updates that bring a reader of the history before to the present one.
func (u *unitTimeline) diff(t *Tracker, before *history, moved []movedObservation, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, o := range moved {
		out = append(out, u.emitAgain(t, o.observation, o.beforeAt)...)
	}
	// What was replayed is mostly the newest of many assignments.
	same := 0
	for same < len(u.assignments) && same < len(before.assignments) && u.assignments[same] == before.assignments[same] {
		same++
	}
	now, then := u.assignments[same:], before.assignments[same:]
	for _, p := range now {
		i := slices.IndexFunc(then, func(q *assignment) bool { return q.act == p.act })
		if i < 0 {
			out = append(out, u.assignedUpdate(t, p, p.act, p.from, ""))
			if !p.until.IsZero() {
				out = append(out, u.releasedUpdate(t, p))
			}
			out = append(out, u.diffAssignment(t, newAssignment(p.assignmentSpan, u.ID), p, knownAt)...)
			continue
		}
		q := then[i]
		if q == p {
			continue
		}
		switch {
		case !p.until.IsZero() && q.endBy != p.endBy:
			out = append(out, u.releasedUpdate(t, p))
		case p.until.IsZero() && !q.until.IsZero(), p.incident() != q.incident():
			out = append(out, u.assignedUpdate(t, p, p.act, knownAt, "again"))
		}
		out = append(out, u.diffAssignment(t, q, p, knownAt)...)
	}
	for _, q := range then {
		if !slices.ContainsFunc(now, func(p *assignment) bool { return q.act == p.act }) {
			out = append(out, u.withdrawAssignment(t, q, knownAt)...)
		}
	}
	return out
}

// diffAssignment returns the updates between two versions of one assignment.
func (u *unitTimeline) diffAssignment(t *Tracker, old, now *assignment, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, id := range slices.Sorted(maps.Keys(old.emittedByIncident())) {
		is, has := now.emittedByIncident()[id]
		if !has {
			is = newStageRecord()
		}
		out = append(out, u.emit(t, id, diffRecords(old.emittedByIncident()[id], is), knownAt)...)
	}
	for _, id := range slices.Sorted(maps.Keys(now.emittedByIncident())) {
		if _, had := old.emittedByIncident()[id]; !had {
			out = append(out, u.emit(t, id, diffRecords(newStageRecord(), now.emittedByIncident()[id]), knownAt)...)
		}
	}
	for _, a := range now.sortedAlerts() {
		if _, had := old.alerts[a.ID]; !had {
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	for _, a := range old.sortedAlerts() {
		if _, still := now.alerts[a.ID]; !still {
			a.Withdrawn = true
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	return out
}

// emittedByIncident is what a reader of the updates knows of the assignment, by incident.
func (p *assignment) emittedByIncident() map[string]stageRecord {
	out := map[string]stageRecord{p.incident(): p.stageRecord}
	for id, r := range p.recordsLeft {
		out[id] = r
	}
	return out
}

// withdrawAssignment makes the updates of an assignment that, as it turns out, never was.
func (u *unitTimeline) withdrawAssignment(t *Tracker, p *assignment, knownAt time.Time) []incident.Update {
	up := t.about(incident.UpdateReleased, p.incident(), u, p.from, p.act)
	up.ID, up.Text, up.KnownAt = updateID(incident.UpdateReleased, p.incident(), u.ID, p.act, "withdrawn"), "withdrawn", knownAt
	none := newAssignment(p.assignmentSpan, u.ID)
	return append([]incident.Update{up}, u.diffAssignment(t, p, none, knownAt)...)
}

func (u *unitTimeline) assignedUpdate(t *Tracker, p *assignment, by string, at time.Time, why string) incident.Update {
	up := t.about(incident.UpdateAssigned, p.incident(), u, at, by)
	up.ID, up.By, up.Text = updateID(incident.UpdateAssigned, p.incident(), u.ID, p.act, by, why), p.by, why
	return up
}

func (u *unitTimeline) releasedUpdate(t *Tracker, p *assignment) incident.Update {
	up := t.about(incident.UpdateReleased, p.incident(), u, p.until, p.endBy)
	up.ID, up.By, up.Text = updateID(incident.UpdateReleased, p.incident(), u.ID, p.act, p.endBy), p.ender, p.ended
	return up
}

// emit makes updates of revisions.
func (u *unitTimeline) emit(t *Tracker, incidentID string, revisions []revision, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, r := range revisions {
		out = append(out, t.milestoneUpdate(incidentID, u, r, knownAt))
	}
	return out
}
