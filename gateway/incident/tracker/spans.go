package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// assignmentSpan is a unit's time on one incident as the acts and keys have it: from being
// sent until it is taken off, the incident ends, or it is sent elsewhere.
type assignmentSpan struct {
	act    string // the dispatching act
	by     string
	source incident.Evidence
	from   time.Time
	until  time.Time // zero while it lasts
	ended  string    // why it ended
	endBy  string    // the act or report that ended it, and who
	ender  string
	// path is the incident that the unit was sent to, and those that it was merged
	// into; the last is where its evidence counts.
	path        []string
	corrections []*incident.Act
	done        bool // a key or a correction says that the unit completed
	onScene     bool // a key says that the unit arrived
}

// Why an assignment ended.
const (
	endReleased = "released"
	endMoved    = "moved"
	endClosed   = "closed"
	endFree     = "available"
)

func (s *assignmentSpan) incident() string { return s.path[len(s.path)-1] }

func (s *assignmentSpan) covers(t time.Time) bool {
	return !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

// neverBegan tells whether the unit was sent to an incident that had ended by then and was not
// reopened since. Two dispatchers do that who act in the same second: the unit is on nothing,
// and nothing counts as its stage.
func (s *assignmentSpan) neverBegan() bool { return s.ended == endClosed && s.until.Equal(s.from) }

// tookOff tells whether the unit was taken off before the incident's end.
func (s *assignmentSpan) tookOff() bool { return s.ended == endReleased || s.ended == endMoved }

func (s *assignmentSpan) same(o *assignmentSpan) bool {
	return s.act == o.act && s.until.Equal(o.until) && s.ended == o.ended && s.endBy == o.endBy &&
		slices.Equal(s.path, o.path) && len(s.corrections) == len(o.corrections)
}

// deriveSpans replays a unit's acts and keys in the order of their own time and returns its
// assignments in the order in which it was sent. A unit is on one incident at a time: sent
// elsewhere it is moved, sent twice to the same it was sent once.
func (t *Tracker) deriveSpans(line []observation, spans []assignmentSpan) []assignmentSpan {
	for _, e := range line {
		if e.act == nil {
			spans = spansAfterKey(spans, e)
			continue
		}
		spans = t.spansAfterAct(spans, e)
	}
	return spans
}

// spansAfterKey lets a unit go that presses available after it completed. A "completed" before
// the unit arrived or reported progress was none.
func spansAfterKey(spans []assignmentSpan, e observation) []assignmentSpan {
	if len(spans) == 0 {
		return spans
	}
	s := &spans[len(spans)-1]
	if !s.covers(e.Own.At) {
		return spans
	}
	switch e.statement.status {
	case devices.StatusCompleted:
		s.done = true
	case devices.StatusOnScene, devices.StatusInProgress:
		s.done = s.done && (s.onScene || s.completedByAct())
		s.onScene = true
	case devices.StatusAvailable:
		if s.done && s.until.IsZero() {
			s.until, s.ended, s.endBy, s.ender = e.Own.At, endFree, e.Own.ID, string(incident.ByKey)
		}
	}
	return spans
}

// completedByAct tells whether a dispatcher says that the unit completed.
func (s *assignmentSpan) completedByAct() bool {
	return slices.ContainsFunc(s.corrections, func(c *incident.Act) bool { return c.Milestone == incident.Completed })
}

func (t *Tracker) spansAfterAct(spans []assignmentSpan, e observation) []assignmentSpan {
	act, last := e.act, len(spans)-1
	end := func(why string) {
		s := &spans[last]
		s.until, s.ended, s.endBy, s.ender = act.At, why, act.ID, act.By
	}
	open := last >= 0 && spans[last].until.IsZero()
	switch act.Kind {
	case incident.ActDispatch:
		s := assignmentSpan{act: act.ID, by: act.By, source: act.Witness(), from: act.At, path: t.path(act.Incident, e.Own)}
		if open && spans[last].incident() == s.incident() {
			return spans
		}
		if by := t.endedBy(s.incident(), e.Own); by != nil {
			if open {
				return spans // it stays where it is
			}
			s.until, s.ended, s.endBy, s.ender = act.At, endClosed, by.ID, by.By
		} else if open {
			end(endMoved)
		}
		return append(spans, s)
	case incident.ActRelease:
		if open && slices.Contains(spans[last].path, act.Incident) {
			end(endReleased)
		}
	case incident.ActClose, incident.ActCancel:
		if open && spans[last].incident() == act.Incident {
			end(endClosed)
		}
	case incident.ActReopen:
		t.repath(spans, e)
		reopen(spans, act)
	case incident.ActMerge:
		t.repath(spans, e)
	case incident.ActCorrect:
		if i := meant(spans, act); i >= 0 {
			s := &spans[i]
			s.corrections = append(slices.Clip(s.corrections), act)
			s.done = s.done || act.Milestone == incident.Completed
		}
	}
	return spans
}

// meant is the index of the span that a correction is about, -1 when the unit was never sent to
// the incident. A unit that was sent twice has two: meant is the one that the corrected time
// falls into, else the nearest, of two the later.
func meant(spans []assignmentSpan, act *incident.Act) int {
	best, off := -1, time.Duration(0)
	for i := range spans {
		s := &spans[i]
		if s.neverBegan() || !slices.Contains(s.path, act.Incident) {
			continue
		}
		if d := s.distance(act.MilestoneAt); best < 0 || d <= off {
			best, off = i, d
		}
	}
	return best
}

// distance is how far a time is outside of the span, 0 inside.
func (s *assignmentSpan) distance(t time.Time) time.Duration {
	switch {
	case t.Before(s.from):
		return s.from.Sub(t)
	case !s.until.IsZero() && !t.Before(s.until):
		return t.Sub(s.until) + 1
	}
	return 0
}

// repath finds again where units that were sent to an incident, or to one that it
// absorbed, count after a merger or its end.
func (t *Tracker) repath(spans []assignmentSpan, e observation) {
	for i := range spans {
		if s := &spans[i]; slices.Contains(s.path, e.act.Incident) {
			s.path = t.path(s.path[0], e.Own)
		}
	}
}

// reopen gives a unit back to an incident whose end took it off, unless it has been
// sent elsewhere since.
func reopen(spans []assignmentSpan, act *incident.Act) {
	if last := len(spans) - 1; last >= 0 {
		if s := &spans[last]; s.incident() == act.Incident && s.ended == endClosed {
			s.until, s.ended, s.endBy, s.ender = time.Time{}, "", "", ""
		}
	}
}
