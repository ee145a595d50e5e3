package erasure

import (
	"cmp"
	"slices"
	"strings"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// finding is what was found.
func (s *search) finding() *Finding {
	for i, subject := range s.subjects {
		if len(s.callers[i]) == 0 {
			continue
		}
		for id, subjects := range s.related {
			if slices.Contains(subjects, i) {
				s.found.related[id] = append(s.found.related[id], len(s.found.Redactions))
			}
		}
		r := incident.Redaction{Incident: subject.Incident, Callers: s.callers[i], Messages: map[string]bool{}}
		on := s.onIncident(i)
		for _, m := range s.messages {
			if m.act.By != journal.BySOP && slices.ContainsFunc(m.act.Units, func(unit string) bool { return on.at(unit, m.act.At) }) {
				r.Messages[m.act.ID] = true
			}
		}
		s.found.Redactions = append(s.found.Redactions, r)
	}
	for _, m := range s.messages {
		clean := *m.act
		for _, r := range s.found.Redactions {
			if clean.Text = r.Message(clean.ID, clean.Text); r.Messages[clean.ID] {
				s.found.texts = append(s.found.texts, m.act.Text)
			}
		}
		s.note(m.entry, clean.Text)
		if clean.Text != m.act.Text {
			_ = s.rewrite(m.entry, &clean, false) // it was decoded from JSON
		}
	}
	for _, d := range s.deliveries {
		clean, changed := *d.body, false
		for _, r := range s.found.Redactions {
			changed = r.Delivery(&clean) || changed
		}
		s.note(d.entry, clean.Text+clean.Why)
		if changed {
			_ = s.rewrite(d.entry, &clean, false)
		}
	}
	for _, entries := range [][]journal.Entry{s.found.naming, s.found.others} {
		slices.SortFunc(entries, func(a, b journal.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	slices.Sort(s.found.numbers)
	return &s.found
}

// note has the updates of an entry looked at when something was taken out of its text,
// now or before.
func (s *search) note(e journal.Entry, clean string) {
	if strings.Contains(clean, incident.Erased) {
		s.found.numbers = append(s.found.numbers, e.Seq)
	}
}
