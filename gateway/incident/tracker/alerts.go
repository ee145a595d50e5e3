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
// acknowledged, of an incident that has not ended. An emergency stays whatever becomes
// of its incident.
func (t *Tracker) OpenAlerts() []incident.Alert {
	return t.alerts(func(a *incident.Alert) bool {
		f := t.incidents[a.Incident]
		return t.ackOf(a) == nil && (a.Kind == emergency || f == nil || f.status == "")
	})
}

func (t *Tracker) alerts(wanted func(*incident.Alert) bool) []incident.Alert {
	var out []incident.Alert
	add := func(a incident.Alert) {
		if wanted(&a) {
			out = append(out, t.acked(a))
		}
	}
	if t.summed.n > 0 {
		add(t.summed.alert())
	}
	for _, a := range t.unknownAlerts {
		add(a)
	}
	for _, u := range t.timelines {
		for _, a := range u.reportAlerts {
			add(u.counted(a))
		}
		for _, p := range u.assignments {
			for _, a := range p.alerts {
				add(a)
			}
		}
	}
	slices.SortFunc(out, byTime)
	return out
}

// alertsOf are an incident's alerts: those of its assignments, and what the units' reports
// raised while on it.
func (t *Tracker) alertsOf(f *incidentState, assignments []*assignment) []incident.Alert {
	var out []incident.Alert
	for _, p := range assignments {
		out = append(out, p.sortedAlerts()...)
	}
	ids := append([]string{f.id}, t.duplicates(f)...)
	for _, id := range t.unitsOf(f) {
		if u := t.timelines[id]; u != nil {
			for _, a := range u.reportAlerts {
				if slices.Contains(ids, a.Incident) {
					out = append(out, u.counted(a))
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

// inEmergency tells whether the unit has called for help and nobody has acknowledged it;
// nothing that its radios report ends that.
func (t *Tracker) inEmergency(u *unitTimeline) bool {
	return slices.ContainsFunc(u.emergencies, func(a incident.Alert) bool { return t.ackOf(&a) == nil })
}
