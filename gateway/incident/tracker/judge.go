package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// judge derives an assignment's milestones from what is known of it now. Everything comes from
// the unit's own keys and fixes, in the order of their own time; a stage without evidence
// stays missing.
func (u *unitTimeline) judge(t *Tracker, p *assignment, keys []observation, e observation) map[incident.MilestoneName]incident.Milestone {
	if p.neverBegan() {
		return nil
	}
	out := map[incident.MilestoneName]incident.Milestone{
		incident.Dispatched: {Name: incident.Dispatched, Unit: u.ID, At: p.from, Evidence: p.source, Report: p.act, Confidence: 1, KnownAt: p.from, Clock: gatewayClock},
	}
	arrival, reached := u.arrival(t, p, keys, e)
	if reached {
		out[incident.OnScene] = arrival
	}
	at := arrival.At
	if c := p.correction(incident.OnScene); c != nil {
		at, reached = c.MilestoneAt, true // a person's word decides which keys make sense
	}
	for _, on := range []struct {
		status devices.Status
		name   incident.MilestoneName
		words  string
	}{
		{devices.StatusAcknowledged, incident.Acknowledged, "tombol \"terima\" ditekan setelah tiba / acknowledged key pressed after arrival"},
		{devices.StatusEnRoute, incident.EnRoute, "tombol \"menuju lokasi\" ditekan setelah tiba / en-route key pressed after arrival"},
	} {
		k := p.first(keys, on.status, p.from)
		switch {
		case !k.exists():
		case reached && k.at().After(at):
			p.alert("out_of_order", k.when(), on.words)
		default:
			out[on.name] = p.byKey(k, on.name)
		}
	}
	if k := p.first(keys, devices.StatusInProgress, p.from); k.exists() && reached && (arrival.Evidence == incident.ByKey || p.corrected(incident.OnScene)) && k.at().Before(at) {
		p.alert("out_of_order", k.when(), "tombol \"penanganan\" ditekan sebelum tiba / in-progress key pressed before arrival")
	}
	if done, counts := p.completion(keys, arrival.At, at); counts {
		out[incident.Completed] = done
	}
	for name, m := range out {
		if m.Clock == deviceClock && !m.ClockCorrected {
			m.ClockOffsetS = u.offset(m.Device)
			out[name] = m
		}
	}
	for _, c := range p.corrections {
		if c.Milestone == incident.InProgress {
			continue
		}
		out[c.Milestone] = u.correctedMilestone(c, out[c.Milestone])
	}
	return out
}

// correctedConfidence is how sure a time is that a person set: like that of a key alone by the
// gateway's clock. Nothing else certifies it.
const correctedConfidence = 0.8

// correctedMilestone is a stage at the time that a person set. What it was by keys and fixes, if
// it was reached by them, stands beside it as a witness.
func (u *unitTimeline) correctedMilestone(c *incident.Act, was incident.Milestone) incident.Milestone {
	m := incident.Milestone{
		Name: c.Milestone, Unit: u.ID, At: c.MilestoneAt, Evidence: incident.ByDispatcher, Report: c.ID,
		Confidence: correctedConfidence, KnownAt: c.At, Clock: gatewayClock, Verdict: incident.Corrected, Other: was.Other,
	}
	if was.Evidence == incident.ByKey || was.Evidence == incident.ByGeofence {
		m.Other = &incident.Witness{At: was.At, Evidence: was.Evidence, Report: was.Report}
	}
	if m.Other != nil {
		m.DifferenceS = geo.Measured(m.Other.At.Sub(m.At).Seconds())
	}
	return m
}

// completion is the first "completed" after the unit arrived; when it goes on to report that it
// is at work (the procedure's row 10: updates while handling, and when done) it was not done, and
// the first one after that counts, if there is one. One that was pressed before arrival makes no
// sense: it stands, with little confidence, only until the unit arrives or reports progress. The
// dispatcher is asked about it. arrived is the arrival as keys and fixes have it, onScene as it
// stands: when only a person says that the unit arrived later, its key is not taken away.
func (p *assignment) completion(keys []observation, arrived, onScene time.Time) (incident.Milestone, bool) {
	early := p.first(keys, devices.StatusCompleted, p.from)
	if !early.exists() {
		return incident.Milestone{}, false
	}
	if good, sure := lastCompleted(keys, onScene); good.exists() && !onScene.IsZero() {
		if early.Own.At.Before(onScene) {
			p.alertCompletedEarly(early)
		}
		m := p.byKey(good, incident.Completed)
		if !sure {
			m.Confidence = 0.3
		}
		return m, true
	}
	p.alertCompletedEarly(early)
	k, sure := lastCompleted(keys, arrived)
	if !k.exists() || arrived.IsZero() && !sure {
		return incident.Milestone{}, false
	}
	m := p.byKey(k, incident.Completed)
	m.Confidence = 0.3
	return m, true
}

func (p *assignment) alertCompletedEarly(k observation) {
	p.alert("out_of_order", k.when(), "tombol \"selesai\" ditekan sebelum tiba / completed key pressed before arrival")
}

// lastCompleted is the first "completed" since a time and since the unit last reported, before
// another "completed", that it is at work. It is not sure when the unit reported so after it, and
// none when that was its first on-scene key.
func lastCompleted(keys []observation, since time.Time) (k observation, sure bool) {
	atWork, pressedOnScene := true, false
	for _, e := range keys {
		switch onScene := e.pressed(devices.StatusOnScene); {
		case onScene && !pressedOnScene:
			k, atWork, pressedOnScene = observation{}, true, true
		case e.Own.At.Before(since):
		case onScene, e.pressed(devices.StatusInProgress):
			atWork = true
		case e.pressed(devices.StatusCompleted) && atWork:
			k, atWork = e, false
		}
	}
	return k, !atWork
}

// byKey is the stage that a key of the assignment sets. A key with whole seconds may seem
// pressed before the order of the same second: it was not, and the time is then that of the
// order, by the gateway's clock.
func (p *assignment) byKey(k observation, name incident.MilestoneName) incident.Milestone {
	m := k.milestone(name, p.unit)
	if m.At.Before(p.from) {
		m.At, m.Clock, m.ClockCorrected, m.ClockOffsetS = p.from, gatewayClock, false, geo.Reading{}
	}
	return m
}

// inProgress lists the reports of progress, a key that the radio repeats until
// it is acknowledged counting once.
func (p *assignment) inProgress(keys []observation, retry time.Duration) []incident.Milestone {
	var out []incident.Milestone
	for _, k := range keys {
		if !k.pressed(devices.StatusInProgress) {
			continue
		}
		if n := len(out); n > 0 && k.at().Sub(out[n-1].At) < retry {
			continue
		}
		out = append(out, p.byKey(k, incident.InProgress))
	}
	for _, c := range p.corrections {
		if c.Milestone == incident.InProgress {
			out = append(out, incident.Milestone{Name: incident.InProgress, Unit: p.unit, At: c.MilestoneAt, Evidence: incident.ByDispatcher, Report: c.ID, Confidence: 1, KnownAt: c.At, Clock: gatewayClock})
		}
	}
	return out
}

func (p *assignment) corrected(name incident.MilestoneName) bool { return p.correction(name) != nil }

// correction is the newest word of a dispatcher on a stage, nil when there is none.
func (p *assignment) correction(name incident.MilestoneName) *incident.Act {
	for _, c := range slices.Backward(p.corrections) {
		if c.Milestone == name {
			return c
		}
	}
	return nil
}

// alert raises something for the dispatcher, once for each report behind it.
func (p *assignment) alert(kind string, m orderKey, text string) {
	a := incident.Alert{Kind: kind, Unit: p.unit, Incident: p.incident(), At: m.At, Report: m.ID, Text: text}
	a.ID = alertID(&a)
	p.raise(a)
}

// alertOnce raises something for the dispatcher once for the whole assignment: late fixes that
// move the time and the report behind it do not raise it again.
func (p *assignment) alertOnce(kind string, m orderKey, text string) {
	p.raise(incident.Alert{
		ID: updateID(incident.UpdateAlert, kind, p.unit, p.act), Kind: kind, Unit: p.unit, Incident: p.incident(),
		At: m.At, Report: m.ID, Text: text,
	})
}

func (p *assignment) raise(a incident.Alert) {
	if _, known := p.alerts[a.ID]; !known {
		p.alerts[a.ID] = a
		p.raised = append(p.raised, a)
	}
}

func alertID(a *incident.Alert) string {
	return updateID(incident.UpdateAlert, a.Kind, a.Unit, a.Report)
}
