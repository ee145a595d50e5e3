package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// What a misprogrammed radio says with every beacon is one thing to look at, and not one a
// beacon: an alert of these kinds stands for all that the device says alike until a person has
// acknowledged it or its incident has ended.
const (
	unknownCode = "unknown_code"
	radioState  = "radio_state"
)

func repeats(kind string) bool { return kind == unknownCode || kind == radioState }

// repetition is an alert that stands for all that a device said alike while it was open.
type repetition struct {
	device   devices.Identity
	alert    reportAlert
	id       string
	incident string
	count    int
	last     time.Time // by the device's clock
}

// noteReportAlerts raises the alerts of a report, or counts them with one that stands for them.
func (u *unitTimeline) noteReportAlerts(t *Tracker, e observation) {
	for _, c := range e.statement.alerts {
		if repeats(c.kind) && u.countRepetition(t, c, e) {
			continue
		}
		a := u.alertOf(c, e)
		if u.reportAlerts = append(u.reportAlerts, a); a.Kind == emergency {
			u.emergencies = append(u.emergencies, a)
		}
	}
}

// countRepetition tells whether an open alert stands for what a report raises, and counts it.
// Else the report's own alert will.
func (u *unitTimeline) countRepetition(t *Tracker, c reportAlert, e observation) bool {
	for i := len(u.repeated) - 1; i >= 0; i-- {
		r := &u.repeated[i]
		if r.device != e.Origin.Device || r.alert != c {
			continue
		}
		if !t.openWhenKnown(r, e.Known) {
			break
		}
		if r.count++; e.at().After(r.last) {
			r.last = e.at()
		}
		return true
	}
	u.repeated = append(u.repeated, repetition{e.Origin.Device, c, u.alertOf(c, e).ID, e.Incident, 1, e.at()})
	return false
}

// openWhenKnown tells whether an alert was still to be looked at when something became known.
func (t *Tracker) openWhenKnown(r *repetition, at knownKey) bool {
	if ack := t.acks[r.id]; ack != nil && knownOf(ack).Compare(at) < 0 {
		return false
	}
	f := t.incidents[r.incident]
	if f == nil {
		return true
	}
	ended := false
	for _, a := range f.acts {
		if at.Compare(knownOf(a)) < 0 {
			continue
		}
		switch a.Kind {
		case incident.ActClose, incident.ActCancel:
			ended = true
		case incident.ActMerge:
			ended = ended || a.Into != f.id
		case incident.ActReopen:
			ended = false
		}
	}
	return !ended
}

func knownOf(a *incident.Act) knownKey { return knownKey{Seq: a.Seq, Key: keyAt(a.At, a.ID)} }

// counted is an alert with how often and when last the device said it, where it stands for
// more than one report.
func (u *unitTimeline) counted(a incident.Alert) incident.Alert {
	if !repeats(a.Kind) {
		return a
	}
	i := slices.IndexFunc(u.repeated, func(r repetition) bool { return r.id == a.ID })
	if i >= 0 && u.repeated[i].count > 1 {
		a.Count, a.LastAt = u.repeated[i].count, u.repeated[i].last
	}
	return a
}

// raised tells whether a report raised an alert, and not one before it that stands for it too.
func (u *unitTimeline) raised(a *incident.Alert) bool {
	for i := len(u.reportAlerts) - 1; i >= 0; i-- {
		if u.reportAlerts[i].ID == a.ID {
			return true
		}
	}
	return false
}

// diffReportAlerts makes the updates of alerts that a reader of the history before has not, and
// of those that it has in vain; the alerts of the report that is just learned are emitted with
// it.
func (u *unitTimeline) diffReportAlerts(t *Tracker, before *history, learned map[string]bool, knownAt time.Time) []incident.Update {
	has := func(list []incident.Alert, a incident.Alert) bool {
		return slices.ContainsFunc(list, func(o incident.Alert) bool { return o.ID == a.ID })
	}
	var out []incident.Update
	for _, a := range u.reportAlerts {
		if repeats(a.Kind) && !learned[a.Report] && !has(before.reportAlerts, a) {
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	for _, a := range before.reportAlerts {
		if repeats(a.Kind) && !has(u.reportAlerts, a) {
			a.Withdrawn = true
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	return out
}

// forgetRepetitions drops of the keys that cannot be replayed those that only repeat what an
// alert says: a radio may send one with each beacon.
func (u *unitTimeline) forgetRepetitions() {
	i, dropped := 0, 0
	u.actsAndKeys = slices.DeleteFunc(u.actsAndKeys, func(e observation) bool {
		gone := e.onlyRepeats() && e.Known.Compare(u.compactedUpTo) <= 0
		if gone && i < u.replayFrom {
			dropped++
		}
		i++
		return gone
	})
	u.replayFrom -= dropped
}

// onlyRepeats tells whether the event says nothing but what an alert that stands for many says.
func (e observation) onlyRepeats() bool {
	if e.statement == nil || e.statement.text != "" || len(e.statement.alerts) == 0 {
		return false
	}
	return (e.statement.status == devices.StatusOther || e.statement.status == "") &&
		!slices.ContainsFunc(e.statement.alerts, func(c reportAlert) bool { return !repeats(c.kind) })
}
