package erasure

import (
	"cmp"
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// spans are when units were on some incidents. In doubt they are longer.
type spans map[string][]stretch

// onIncident says when units were on a subject's incident or on one that it was merged
// with: from being sent there until they were released or sent elsewhere, or until the
// last of these incidents was over.
func (s *search) onIncident(subject int) spans {
	ends := forever
	over := map[string]time.Time{}
	for _, a := range byTime(s.acts) {
		if !slices.Contains(s.related[a.Incident], subject) {
			continue
		}
		switch a.Kind {
		case incident.ActClose, incident.ActCancel, incident.ActMerge:
			over[a.Incident] = a.At
		case incident.ActOpen, incident.ActReopen, incident.ActDispatch:
			over[a.Incident] = time.Time{}
		}
	}
	for _, at := range over {
		if at.IsZero() {
			ends = forever
			break
		}
		if ends.Equal(forever) || at.After(ends) {
			ends = at
		}
	}
	out := spans{}
	for unit, orders := range s.orders {
		var on *stretch
		for _, a := range byTime(orders) {
			here := slices.Contains(s.related[a.Incident], subject)
			switch {
			case a.Kind == incident.ActDispatch && here && on == nil:
				out[unit] = append(out[unit], stretch{a.At, ends})
				on = &out[unit][len(out[unit])-1]
			case on != nil && (a.Kind == incident.ActDispatch && !here || a.Kind == incident.ActRelease && here):
				if a.At.Before(on.to) {
					on.to = a.At
				}
				on = nil
			}
		}
	}
	return out
}

func byTime(acts []*incident.Act) []*incident.Act {
	return slices.SortedFunc(slices.Values(acts), func(a, b *incident.Act) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
}

// at tells whether a unit was there at a time.
func (s spans) at(unit string, at time.Time) bool {
	return slices.ContainsFunc(s[unit], func(on stretch) bool { return !at.Before(on.from) && !at.After(on.to) })
}
