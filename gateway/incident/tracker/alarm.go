package tracker

import (
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// alarmStep names one step of one alarm.
type alarmStep struct {
	id   string
	step int
}

// alarm adds a step of an alarm to its incident.
func (t *Tracker) alarm(id string, a *journal.Alarm) []incident.Update {
	f := t.incidents[a.Incident]
	if f == nil {
		f = newIncidentState(a.Incident)
		t.incidents[a.Incident] = f
	}
	key := alarmStep{a.ID, a.Step}
	if f.alarms[key] != nil {
		return nil
	}
	f.alarms[key] = a
	t.indexOpen(f)
	up := t.about(incident.UpdateAlarm, a.Incident, t.timelines[a.Unit], a.At, "")
	up.ID, up.KnownAt, up.Alarm, up.Text = updateID(incident.UpdateAlarm, id), a.KnownAt, a, a.Text
	return []incident.Update{up}
}

// presentAlarms are the newest step of every alarm, in the order of their times.
func (f *incidentState) presentAlarms() []journal.Alarm {
	newest := map[string]*journal.Alarm{}
	for key, a := range f.alarms {
		if n := newest[key.id]; n == nil || n.Step < a.Step {
			newest[key.id] = a
		}
	}
	var out []journal.Alarm
	for _, a := range newest {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b journal.Alarm) int { return keyAt(a.At, a.ID).Compare(keyAt(b.At, b.ID)) })
	return out
}
