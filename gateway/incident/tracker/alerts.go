package tracker

import (
	"slices"

	"htgateway/gateway/incident"
)

// Alerts returns every alert, the oldest first, with who has acknowledged it.
func (t *Tracker) Alerts() []incident.Alert {
	return t.alerts(func(*incident.Alert) bool { return true })
}

// OpenAlerts returns those that a dispatcher has still to look at: which nobody has
// acknowledged, of an incident that has not ended. An emergency stands whatever becomes
// of its incident.
func (t *Tracker) OpenAlerts() []incident.Alert {
	return t.alerts(func(a *incident.Alert) bool {
		f := t.files[a.Incident]
		return t.acks[a.ID] == nil && (a.Kind == emergency || f == nil || f.status == "")
	})
}

func (t *Tracker) alerts(wanted func(*incident.Alert) bool) []incident.Alert {
	var out []incident.Alert
	add := func(a incident.Alert) {
		if wanted(&a) {
			out = append(out, t.acked(a))
		}
	}
	for _, a := range t.unowned {
		add(a)
	}
	for _, u := range t.teams {
		for _, a := range u.cries {
			add(a)
		}
		for _, p := range u.parts {
			for _, a := range p.alerts {
				add(a)
			}
		}
	}
	slices.SortFunc(out, byTime)
	return out
}

// alertsOf are an incident's alerts: those of its units' parts, and what the units
// cried while on it.
func (t *Tracker) alertsOf(f *file, parts []*part) []incident.Alert {
	var out []incident.Alert
	for _, p := range parts {
		out = append(out, p.sortedAlerts()...)
	}
	ids := append([]string{f.id}, t.duplicates(f)...)
	for _, id := range t.unitsOf(f) {
		if u := t.teams[id]; u != nil {
			for _, a := range u.cries {
				if slices.Contains(ids, a.Incident) {
					out = append(out, a)
				}
			}
		}
	}
	for i := range out {
		out[i] = t.acked(out[i])
	}
	slices.SortStableFunc(out, byTime)
	return out
}

// inEmergency tells whether the unit has cried for help and nobody has acknowledged
// it; nothing that its radios say ends that.
func (t *Tracker) inEmergency(u *team) bool {
	return slices.ContainsFunc(u.calls, func(a incident.Alert) bool { return t.acks[a.ID] == nil })
}
