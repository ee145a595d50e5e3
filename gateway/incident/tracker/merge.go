package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// path is the incident that units are sent to, followed by those that it had been
// merged into by then. A circle of mergers ends where it would close.
func (t *Tracker) path(id string, at orderKey) []string {
	out := []string{id}
	for {
		f := t.incidents[out[len(out)-1]]
		if f == nil {
			return out
		}
		into := f.mergedIntoBy(at)
		if into == "" || slices.Contains(out, into) {
			return out
		}
		out = append(out, into)
	}
}

// mergedIntoBy is the incident that this one was a duplicate of at a moment.
func (f *incidentState) mergedIntoBy(at orderKey) string {
	into := ""
	for _, a := range f.acts {
		if at.Compare(keyAt(a.At, a.ID)) < 0 {
			break
		}
		switch {
		case a.Kind == incident.ActMerge && a.Into != f.id:
			into = a.Into
		case a.Kind == incident.ActReopen:
			into = ""
		}
	}
	return into
}

// endedBy is the act by which an incident had been closed or cancelled at a moment, nil while it
// was open. The first act stands until the incident is reopened; one that was merged away ends
// with the other.
func (t *Tracker) endedBy(id string, at orderKey) *incident.Act {
	f := t.incidents[id]
	if f == nil {
		return nil
	}
	var by *incident.Act
	for _, a := range f.acts {
		if at.Compare(keyAt(a.At, a.ID)) < 0 {
			break
		}
		switch a.Kind {
		case incident.ActClose, incident.ActCancel:
			if by == nil {
				by = a
			}
		case incident.ActReopen:
			by = nil
		}
	}
	return by
}

// placesOf are where the incidents of an assignment were known to be at a time.
func (t *Tracker) placesOf(path []string, at time.Time) []*incident.Location {
	var out []*incident.Location
	for _, id := range path {
		if f := t.incidents[id]; f != nil {
			if place := f.placeAt(at); place != nil && !slices.Contains(out, place) {
				out = append(out, place)
			}
		}
	}
	return out
}

// duplicates are the incidents that are merged into this one now.
func (t *Tracker) duplicates(f *incidentState) []string {
	var out []string
	for _, id := range f.absorbed {
		if d := t.incidents[id]; d != nil && d.mergedBy != nil && d.mergedBy.Into == f.id {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// family is an incident and those that were ever marked as duplicates of it, or of one of
// them.
func (t *Tracker) family(f *incidentState) []*incidentState {
	out := []*incidentState{f}
	for i := 0; i < len(out); i++ {
		for _, id := range out[i].absorbed {
			if d := t.incidents[id]; d != nil && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// unitsOf are the units that were sent to an incident or one of its duplicates.
func (t *Tracker) unitsOf(f *incidentState) []string {
	units := slices.Clone(f.units)
	for _, d := range t.family(f)[1:] {
		for _, u := range d.units {
			if !slices.Contains(units, u) {
				units = append(units, u)
			}
		}
	}
	return units
}

// sentBetween is when units were first and last sent to an incident or one of its duplicates:
// every assignment that counts there begins then. A unit has thousands of assignments after
// some years; those of one incident are found by it.
func (t *Tracker) sentBetween(f *incidentState) (from, to time.Time) {
	for _, d := range t.family(f) {
		for _, a := range d.acts {
			if a.Kind != incident.ActDispatch {
				continue
			}
			if from.IsZero() || a.At.Before(from) {
				from = a.At
			}
			if a.At.After(to) {
				to = a.At
			}
		}
	}
	return from, to
}

// firstCall is the milestone of the first call about an incident: its own, or that of a
// duplicate which came earlier. The incident is judged from it.
func (t *Tracker) firstCall(f *incidentState) *incident.Milestone {
	first := f.current[incident.Received]
	if first == nil {
		return nil
	}
	if f.mergedBy != nil || len(f.absorbed) == 0 {
		return first
	}
	var earliest *incident.Milestone
	for _, d := range t.mergedInto(f) {
		m := d.current[incident.Received]
		if m == nil || !m.At.Before(first.At) {
			continue
		}
		if earliest == nil || keyAt(m.At, m.Report).Compare(keyAt(earliest.At, earliest.Report)) < 0 {
			earliest = m
		}
	}
	if earliest == nil {
		return first
	}
	call := *earliest
	call.Uncounted = first.Uncounted
	call.Was = append(slices.Clip(first.Was), incident.Superseded{
		At: first.At, Evidence: first.Evidence, Report: first.Report, KnownAt: first.KnownAt, Reason: "call of a duplicate",
	})
	return &call
}

// mergedInto are the incidents that are duplicates of this one now, or of one of them.
func (t *Tracker) mergedInto(f *incidentState) []*incidentState {
	out := []*incidentState{f}
	for i := 0; i < len(out); i++ {
		for _, id := range t.duplicates(out[i]) {
			if d := t.incidents[id]; !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out[1:]
}

// survivors are the incidents into which this one was ever merged, or one of those.
func (t *Tracker) survivors(f *incidentState) []*incidentState {
	out := []*incidentState{f}
	for i := 0; i < len(out); i++ {
		for _, a := range out[i].acts {
			if a.Kind != incident.ActMerge || a.Into == a.Incident {
				continue
			}
			if s := t.incidents[a.Into]; s != nil && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out[1:]
}

// emitCall makes the update about the first call, when it is another one than was emitted.
func (t *Tracker) emitCall(f *incidentState, knownAt time.Time) []incident.Update {
	was, is := f.emittedCall, t.firstCall(f)
	if was == is || was != nil && is != nil && was.Same(*is) && was.SameWitness(*is) {
		return nil
	}
	f.emittedCall = is
	return []incident.Update{t.milestoneUpdate(f.id, nil, revision{before: was, after: is}, knownAt)}
}
