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

// tookOff tells whether the unit was taken off before the incident's end.
func (s *assignmentSpan) tookOff() bool { return s.ended == endReleased || s.ended == endMoved }

func (s *assignmentSpan) same(o *assignmentSpan) bool {
	return s.act == o.act && s.until.Equal(o.until) && s.ended == o.ended && s.endBy == o.endBy &&
		slices.Equal(s.path, o.path) && len(s.corrections) == len(o.corrections)
}

// deriveSpans replays a unit's acts and keys in the order of their own time and returns its
// assignments in the order in which it was sent. A unit is on one incident at a time: sent
// elsewhere it is moved, sent twice to the same it was sent once.
func deriveSpans(line []observation, spans []assignmentSpan, root func(incidentID string, at orderKey) []string) []assignmentSpan {
	for _, e := range line {
		if e.act == nil {
			spans = spansAfterKey(spans, e)
			continue
		}
		spans = spansAfterAct(spans, e, root)
	}
	return spans
}

// spansAfterKey lets a unit go that presses available after it completed.
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
	case devices.StatusAvailable:
		if s.done && s.until.IsZero() {
			s.until, s.ended, s.endBy, s.ender = e.Own.At, endFree, e.Own.ID, string(incident.ByKey)
		}
	}
	return spans
}

func spansAfterAct(spans []assignmentSpan, e observation, root func(string, orderKey) []string) []assignmentSpan {
	act, last := e.act, len(spans)-1
	end := func(why string) {
		s := &spans[last]
		s.until, s.ended, s.endBy, s.ender = act.At, why, act.ID, act.By
	}
	open := last >= 0 && spans[last].until.IsZero()
	switch act.Kind {
	case incident.ActDispatch:
		path := root(act.Incident, e.Own)
		if open && spans[last].incident() == path[len(path)-1] {
			return spans
		}
		if open {
			end(endMoved)
		}
		return append(spans, assignmentSpan{act: act.ID, by: act.By, source: act.Witness(), from: act.At, path: path})
	case incident.ActRelease:
		if open && slices.Contains(spans[last].path, act.Incident) {
			end(endReleased)
		}
	case incident.ActClose, incident.ActCancel:
		if open && spans[last].incident() == act.Incident {
			end(endClosed)
		}
	case incident.ActReopen:
		repath(spans, e, root)
		reopen(spans, act)
	case incident.ActMerge:
		repath(spans, e, root)
	case incident.ActCorrect:
		for i := last; i >= 0; i-- {
			if slices.Contains(spans[i].path, act.Incident) {
				s := &spans[i]
				s.corrections = append(slices.Clip(s.corrections), act)
				s.done = s.done || act.Milestone == incident.Completed
				break
			}
		}
	}
	return spans
}

// repath finds again where units that were sent to an incident, or to one that it
// absorbed, count after a merger or its end.
func repath(spans []assignmentSpan, e observation, root func(string, orderKey) []string) {
	for i := range spans {
		if s := &spans[i]; slices.Contains(s.path, e.act.Incident) {
			s.path = root(s.path[0], e.Own)
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
