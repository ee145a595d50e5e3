package tracker

import (
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
	"htgateway/gateway/incident/tracker/fixlog"
)

// Tracker folds events into incidents, units and updates. Its state is a function of the set
// of events: reports and acts stand at their own time, whatever the order in which they come.
// It is not safe for concurrent use.
type Tracker struct {
	settings  incident.Settings
	seq       uint64
	journal   uint64
	timelines map[string]*unitTimeline
	// roster says which device speaks for which unit; it follows from enrolments. bound is the
	// same for look-ups, and listed are the units that stand on it.
	roster     *roster.Roster
	enrolments []incident.Enrolment
	bound      map[devices.Identity][]bound
	listed     map[string]bool
	// single is where the only update of an event stands.
	single    [1]incident.Update
	incidents map[string]*incidentState
	// calls are those of the incidents, oldest first; open are the incidents that have not
	// ended, alarming those with an open alarm. All three follow from incidents.
	calls          []indexedCall
	open, alarming map[string]*incidentState
	// minReplayed is the constant of that name, less in tests.
	minReplayed int
	// packing is [fixlog.DefaultPacking], less in tests.
	packing fixlog.Packing
	unknown map[devices.Identity]*unknownDevice
	// unknownEvents is how many observations of unknown devices are remembered.
	unknownEvents int
	// interested are the units that an incident's acts concern.
	interested map[string][]*unitTimeline
	acks       map[string]*incident.Act // by the alert's id
	// unknownAlerts are emergencies of devices that belong to no unit, the newest; summed stands
	// for the older ones.
	unknownAlerts []incident.Alert
	summed        summedAlerts
}

// New returns a tracker to which nothing has happened.
func New(s incident.Settings) *Tracker {
	if s.RetryWindow == 0 {
		s.RetryWindow = incident.DefaultRetryWindow
	}
	t := &Tracker{
		settings: s, timelines: map[string]*unitTimeline{},
		incidents: map[string]*incidentState{}, unknown: map[devices.Identity]*unknownDevice{},
		interested: map[string][]*unitTimeline{}, acks: map[string]*incident.Act{}, minReplayed: minReplayed, packing: fixlog.DefaultPacking,
		open: map[string]*incidentState{}, alarming: map[string]*incidentState{},
	}
	t.buildIndexes()
	return t
}

// buildIndexes finds which device speaks for which unit, and which incidents are open.
func (t *Tracker) buildIndexes() {
	t.roster = roster.New(t.settings.Roster)
	for _, e := range t.enrolments {
		t.roster.Apply(e)
	}
	t.indexRoster()
	for _, f := range t.incidents {
		if t.indexOpen(f); f.opening != nil {
			t.calls = append(t.calls, indexedCall{f.call(), f})
		}
	}
	slices.SortFunc(t.calls, byCall)
}

// Apply applies one event and returns what it changed. An event that was applied before
// changes nothing. The slice is good until the next call.
func (t *Tracker) Apply(e incident.Event) []incident.Update {
	t.journal = e.Seq
	var out []incident.Update
	switch {
	case e.Report != nil:
		out = t.report(e.Report)
	case e.Act != nil:
		out = t.act(t.inOrder(e.Act, e.Seq))
	case e.Delivery != nil:
		out = t.delivery(e.ID, e.Delivery)
	case e.Alarm != nil:
		out = t.alarm(e.ID, e.Alarm)
	case e.Enrolment != nil:
		out = t.enrol(e.Enrolment)
	}
	out = append(out, t.measureTouched(out, e)...)
	for i := range out {
		t.seq++
		out[i].Seq, out[i].JournalSeq = t.seq, e.Seq
	}
	return out
}

// keyOfEvent is the event's place in the order of knowledge.
func keyOfEvent(e *incident.Event) orderKey {
	switch {
	case e.Report != nil:
		return keyAt(e.Report.ReceivedAt, e.Report.ID)
	case e.Act != nil:
		return keyAt(e.Act.At, e.Act.ID)
	case e.Delivery != nil:
		return keyAt(e.Delivery.At, e.ID)
	case e.Alarm != nil:
		return keyAt(e.Alarm.KnownAt, e.ID)
	case e.Enrolment != nil:
		return keyAt(e.Enrolment.At, e.Enrolment.ID)
	}
	return orderKey{}
}

// Folded is the journal number of the event that was applied last.
func (t *Tracker) Folded() uint64 { return t.journal }

// LastUpdate is the number of the update given out last.
func (t *Tracker) LastUpdate() uint64 { return t.seq }

// UnitOf returns the unit for which a device speaks.
func (t *Tracker) UnitOf(d devices.Identity) (incident.Unit, bool) {
	if u := t.ownerNow(d); u != nil {
		return u.Unit, true
	}
	return incident.Unit{}, false
}

// IsUnknown tells whether a device was heard lately that belongs to no unit.
func (t *Tracker) IsUnknown(d devices.Identity) bool {
	return t.unknown[d] != nil && t.ownerNow(d) == nil
}

// UnknownDevices lists the devices that belong to no unit, by name.
func (t *Tracker) UnknownDevices() []incident.UnknownDevice {
	out := make([]incident.UnknownDevice, 0, len(t.unknown))
	for d, s := range t.unknown {
		if t.ownerNow(d) == nil {
			out = append(out, s.UnknownDevice)
		}
	}
	slices.SortFunc(out, func(a, b incident.UnknownDevice) int { return strings.Compare(string(a.Device), string(b.Device)) })
	return out
}

// about starts an update on an incident and a unit.
func (t *Tracker) about(kind incident.UpdateKind, incidentID string, u *unitTimeline, at time.Time, report string) incident.Update {
	up := incident.Update{Kind: kind, At: at, KnownAt: at, Incident: incidentID, Report: report}
	if u != nil {
		up.Unit, up.CallSign, up.Agency = u.ID, u.CallSign, u.Agency
	}
	if f := t.incidents[incidentID]; f != nil && f.opening != nil {
		up.Number, up.Category, up.District = f.opening.Number, f.opening.Category, f.district()
		up.ReceivedAt = t.calledAt(f)
	}
	return up
}

func (t *Tracker) milestoneUpdate(incidentID string, u *unitTimeline, r revision, knownAt time.Time) incident.Update {
	m := r.after
	if m == nil {
		m = r.before
	}
	up := t.about(r.kind(), incidentID, u, m.At, m.Report)
	up.KnownAt, up.Milestone, up.Before = knownAt, r.after, r.before
	parts := []string{incidentID, up.Unit, string(m.Name), stamp(m.At), string(m.Evidence), m.Report, m.Verdict, stamp(knownAt)}
	if r.before != nil {
		parts = append(parts, stamp(r.before.At), r.before.Report, r.before.Verdict)
	}
	if r.after == nil {
		parts = append(parts, "withdrawn")
	}
	up.ID = updateID(up.Kind, parts...)
	return up
}

func (t *Tracker) alertUpdate(a incident.Alert, u *unitTimeline, knownAt time.Time) incident.Update {
	up := t.about(incident.UpdateAlert, a.Incident, u, a.At, a.Report)
	a = t.acked(a)
	up.KnownAt, up.Alert, up.ID = knownAt, &a, a.ID
	if a.Withdrawn {
		up.ID = updateID(incident.UpdateAlert, a.ID, "withdrawn")
	}
	return up
}

// acked is the alert with who has seen it.
func (t *Tracker) acked(a incident.Alert) incident.Alert {
	if act := t.ackOf(&a); act != nil {
		a.AckedAt, a.AckedBy = act.At, act.By
	}
	return a
}
