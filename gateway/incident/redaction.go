package incident

import "htgateway/gateway/journal"

// Redaction is what an erasure of who called about an incident takes out of what is stored.
type Redaction struct {
	Incident string
	// Callers are their names and numbers, as [Callers] lists them.
	Callers []string
	// Messages are the ids of the acts whose texts for units are forgotten as a whole: those
	// to units on the incident, or on one that it was merged with, while they were on it.
	Messages map[string]bool
}

// Message returns what is left of the text of a message to a unit.
func (r Redaction) Message(id, text string) string {
	if r.Messages[id] && text != "" {
		return Erased
	}
	return WithoutCallers(text, r.Callers)
}

// Delivery takes a caller out of what became of a message, and tells whether it did.
func (r Redaction) Delivery(d *journal.Delivery) bool {
	text, why := r.Message(d.Message, d.Text), WithoutCallers(d.Why, r.Callers)
	changed := text != d.Text || why != d.Why
	d.Text, d.Why = text, why
	return changed
}

// Update takes a caller out of an update about the incident or one that it was merged
// with, about its messages, or of another that says the name; it tells whether it did.
func (r Redaction) Update(u *Update) bool {
	changed := false
	edit := func(text *string) {
		if clean := WithoutCallers(*text, r.Callers); clean != *text {
			*text, changed = clean, true
		}
	}
	if u.Kind == UpdateMessage {
		if text := r.Message(u.Report, u.Text); text != u.Text {
			u.Text, changed = text, true
		}
	} else if u.Delivery != nil {
		d := *u.Delivery
		if r.Delivery(&d) {
			u.Delivery, u.Text, changed = &d, d.Text, true
		}
	} else {
		edit(&u.Text)
	}
	for _, m := range []**Milestone{&u.Milestone, &u.Before} {
		if *m == nil {
			continue
		}
		clean := **m
		clean.Was = append([]Superseded(nil), clean.Was...)
		for i := range clean.Was {
			edit(&clean.Was[i].Reason)
		}
		*m = &clean
	}
	return changed
}
