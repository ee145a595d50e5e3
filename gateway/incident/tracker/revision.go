package tracker

import (
	"slices"

	"htgateway/gateway/incident"
)

// stages orders milestones of the same moment, and the updates about them.
var stages = []incident.MilestoneName{incident.Received, incident.Dispatched, incident.Acknowledged, incident.EnRoute, incident.OnScene, incident.InProgress, incident.Completed, incident.Closed, incident.Cancelled, incident.Merged}

func stage(name incident.MilestoneName) int { return slices.Index(stages, name) }

// revision is a milestone that was set, replaced, confirmed by a second witness
// or withdrawn (after is nil).
type revision struct{ before, after *incident.Milestone }

func (r revision) name() incident.MilestoneName {
	if r.after != nil {
		return r.after.Name
	}
	return r.before.Name
}

func (r revision) kind() incident.UpdateKind {
	switch {
	case r.before == nil:
		return incident.UpdateMilestone
	case r.after == nil || !r.before.Same(*r.after):
		return incident.UpdateCorrected
	}
	return incident.UpdateWitness
}

// revise brings a record to what next says, in the light of the event that became
// known, and keeps what each milestone was before. Nothing is replaced silently:
// every difference comes back as a revision, and what is withdrawn stays visible.
func revise(r stageRecord, next map[incident.MilestoneName]incident.Milestone, e observation, reason func(*incident.Milestone, observation) (why, by string)) []revision {
	var out []revision
	for _, name := range stages {
		old := r.current[name]
		m, is := next[name]
		switch {
		case old == nil && !is, old != nil && is && old.Same(m) && old.SameWitness(m):
			continue
		case !is:
			gone := *old
			gone.Was = append(slices.Clip(old.Was), superseded(old, nil, e, reason))
			gone.WithdrawnAt = e.Known.At
			delete(r.current, name)
			r.withdrawn[name] = &gone
			out = append(out, revision{before: old})
			continue
		}
		switch {
		case old == nil:
			if gone := r.withdrawn[name]; gone != nil {
				m.Was, m.KnownAt = gone.Was, e.Known.At
				delete(r.withdrawn, name)
			}
		case old.Same(m):
			m.Was, m.KnownAt, m.ClockOffsetS, m.ClockCorrected = old.Was, old.KnownAt, old.ClockOffsetS, old.ClockCorrected
		default:
			m.Was, m.KnownAt = append(slices.Clip(old.Was), superseded(old, &m, e, reason)), e.Known.At
		}
		r.current[name] = &m
		out = append(out, revision{before: old, after: &m})
	}
	return out
}

func superseded(old, m *incident.Milestone, e observation, reason func(*incident.Milestone, observation) (why, by string)) incident.Superseded {
	why, by := reason(m, e)
	return incident.Superseded{At: old.At, Evidence: old.Evidence, Report: old.Report, KnownAt: old.KnownAt, Reason: why, By: by}
}

// diffRecords returns the revisions that bring a reader of the old record to the new one.
func diffRecords(old, now stageRecord) []revision {
	var out []revision
	for _, name := range stages {
		was, is := old.current[name], now.current[name]
		if was == nil && is == nil || was != nil && is != nil && was.Same(*is) && was.SameWitness(*is) {
			continue
		}
		out = append(out, revision{before: was, after: is})
	}
	return append(out, diffProgress(old.progress, now.progress)...)
}

// diffProgress lists the reports of progress that came and those that turned out to be the
// repetition of another.
func diffProgress(old, now []incident.Milestone) []revision {
	var out []revision
	for i := range old {
		if !slices.ContainsFunc(now, old[i].Same) {
			out = append(out, revision{before: &old[i]})
		}
	}
	for i := range now {
		if !slices.ContainsFunc(old, now[i].Same) {
			out = append(out, revision{after: &now[i]})
		}
	}
	return out
}
