package incident

import "slices"

// stages orders milestones of the same moment, and the updates about them.
var stages = []MilestoneName{Received, Dispatched, Acknowledged, EnRoute, OnScene, InProgress, Completed, Closed}

func stage(name MilestoneName) int { return slices.Index(stages, name) }

// revision is a milestone that was set, replaced, confirmed by a second witness
// or withdrawn (after is nil).
type revision struct{ before, after *Milestone }

func (r revision) kind() UpdateKind {
	switch {
	case r.before == nil:
		return UpdateMilestone
	case r.after == nil || !r.before.same(*r.after):
		return UpdateCorrected
	}
	return UpdateWitness
}

// same tells whether two values of a milestone say the same time by the same
// evidence; a second witness may differ.
func (m Milestone) same(o Milestone) bool {
	return m.At.Equal(o.At) && m.Evidence == o.Evidence && m.Report == o.Report
}

func (m Milestone) sameWitness(o Milestone) bool {
	if m.Verdict != o.Verdict || m.Confidence != o.Confidence || (m.Other == nil) != (o.Other == nil) {
		return false
	}
	return m.Other == nil || *m.Other == *o.Other
}

// revise brings a record to what next says, in the light of the event that became
// known, and keeps what each milestone was before. Nothing is replaced silently:
// every difference comes back as a revision, and what is withdrawn stays visible.
func revise(r record, next map[MilestoneName]Milestone, e *told, reason func(*Milestone, *told) (why, by string)) []revision {
	var out []revision
	for _, name := range stages {
		old := r.current[name]
		m, is := next[name]
		switch {
		case old == nil && !is, old != nil && is && old.same(m) && old.sameWitness(m):
			continue
		case !is:
			gone := *old
			gone.Was = append(slices.Clip(old.Was), superseded(old, nil, e, reason))
			gone.WithdrawnAt = e.known.at
			delete(r.current, name)
			r.withdrawn[name] = &gone
			out = append(out, revision{before: old})
			continue
		}
		switch {
		case old == nil:
			if gone := r.withdrawn[name]; gone != nil {
				m.Was, m.KnownAt = gone.Was, e.known.at
				delete(r.withdrawn, name)
			}
		case old.same(m):
			m.Was, m.KnownAt, m.ClockOffsetS = old.Was, old.KnownAt, old.ClockOffsetS
		default:
			m.Was, m.KnownAt = append(slices.Clip(old.Was), superseded(old, &m, e, reason)), e.known.at
		}
		r.current[name] = &m
		out = append(out, revision{before: old, after: &m})
	}
	return out
}

func superseded(old, m *Milestone, e *told, reason func(*Milestone, *told) (why, by string)) Superseded {
	why, by := reason(m, e)
	return Superseded{At: old.At, Evidence: old.Evidence, Report: old.Report, KnownAt: old.KnownAt, Reason: why, By: by}
}

// net lists what a reader of the old record must be told to have the new.
func net(old, now record) []revision {
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
