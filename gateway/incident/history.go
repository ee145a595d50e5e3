package incident

import (
	"slices"
	"time"
)

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
	if m.Verdict != o.Verdict || (m.Other == nil) != (o.Other == nil) {
		return false
	}
	return m.Other == nil || *m.Other == *o.Other
}

// revise brings current to what next says, in the light of what became known at
// knownAt, and keeps what each milestone was before. Nothing is replaced
// silently: every difference comes back as a revision.
func revise(current map[MilestoneName]*Milestone, next map[MilestoneName]Milestone, knownAt time.Time, reason func(Milestone) (why, by string)) []revision {
	var out []revision
	for _, name := range stages {
		old := current[name]
		m, is := next[name]
		switch {
		case old == nil && !is, old != nil && is && old.same(m) && old.sameWitness(m):
			continue
		case !is:
			delete(current, name)
			out = append(out, revision{before: old})
			continue
		}
		if old != nil {
			m.Was = old.Was
			if !old.same(m) {
				why, by := reason(m)
				m.Was = append(slices.Clip(m.Was), Superseded{
					At: old.At, Evidence: old.Evidence, Report: old.Report, KnownAt: old.KnownAt, Reason: why, By: by,
				})
				m.KnownAt = knownAt
			} else {
				m.KnownAt = old.KnownAt
			}
		}
		current[name] = &m
		out = append(out, revision{before: old, after: &m})
	}
	return out
}
