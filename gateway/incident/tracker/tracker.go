package tracker

import (
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// Tracker folds events into incidents, units and updates. Its state is a
// function of the set of events: reports and acts take their place by their own
// time, whatever the order in which they come. It is not safe for concurrent use.
type Tracker struct {
	settings incident.Settings
	seq      uint64
	journal  uint64
	teams    map[string]*team
	devices  map[devices.Identity]*team
	former   map[devices.Identity][]tenure
	// lone is where the only update of an event stands.
	lone  [1]incident.Update
	files map[string]*file
	// calls are those of the incidents, oldest first, open the files of those that have
	// not ended, alarming of those with an open alarm. All follow from files.
	calls          []shelved
	open, alarming map[string]*file
	// floorBehind is [floorBehind], less in tests.
	floorBehind int
	// packing is [usualPacking], less in tests.
	packing packing
	strange map[devices.Identity]*incident.UnknownDevice
	// interested are the units that an incident's acts concern.
	interested map[string][]*team
	acks       map[string]*incident.Act // by the alert's id
	unowned    []incident.Alert         // of devices that belong to no unit
}

// New returns a tracker to which nothing has happened.
func New(s incident.Settings) *Tracker {
	if s.RetryWindow == 0 {
		s.RetryWindow = incident.DefaultRetryWindow
	}
	t := &Tracker{
		settings: s, teams: map[string]*team{}, devices: map[devices.Identity]*team{},
		files: map[string]*file{}, strange: map[devices.Identity]*incident.UnknownDevice{},
		interested: map[string][]*team{}, acks: map[string]*incident.Act{}, floorBehind: floorBehind, packing: usualPacking,
		open: map[string]*file{}, alarming: map[string]*file{},
	}
	for _, u := range s.Roster {
		tm := &team{Unit: u, state: incident.UnitState{Unit: u}, story: story{setAside: map[geo.Exclusion]int{}}}
		t.teams[u.ID] = tm
	}
	t.index()
	return t
}

// index makes it known which device speaks for which team, and which incidents are open.
func (t *Tracker) index() {
	for _, u := range t.settings.Roster {
		for _, d := range u.Devices {
			t.devices[d] = t.teams[u.ID]
		}
	}
	t.former = tenures(t.settings.Roster, t.teams)
	for _, f := range t.files {
		if t.shelveOpen(f); f.opening != nil {
			t.calls = append(t.calls, shelved{f.call(), f})
		}
	}
	slices.SortFunc(t.calls, byCall)
}

// Apply takes one event and returns what it changed. An event that was taken
// before changes nothing. The slice is good until the next call.
func (t *Tracker) Apply(e incident.Event) []incident.Update {
	t.journal = e.Seq
	var out []incident.Update
	switch {
	case e.Report != nil:
		out = t.report(e.Report)
	case e.Act != nil:
		out = t.act(e.Act)
	case e.Delivery != nil:
		out = t.delivery(e.ID, e.Delivery)
	case e.Alarm != nil:
		out = t.alarm(e.ID, e.Alarm)
	}
	var touched []string
	for i := range out {
		if id := out[i].Incident; id != "" && out[i].Kind != incident.UpdateFix && !slices.Contains(touched, id) {
			touched = append(touched, id)
		}
	}
	slices.Sort(touched)
	for _, id := range touched {
		out = append(out, t.measure(t.files[id])...)
	}
	for i := range out {
		t.seq++
		out[i].Seq, out[i].JournalSeq = t.seq, e.Seq
	}
	return out
}

// Folded is the journal number of the event taken last.
func (t *Tracker) Folded() uint64 { return t.journal }

// LastUpdate is the number of the update given out last.
func (t *Tracker) LastUpdate() uint64 { return t.seq }

// UnitOf returns the unit for which a device speaks.
func (t *Tracker) UnitOf(d devices.Identity) (incident.Unit, bool) {
	if u := t.devices[d]; u != nil {
		return u.Unit, true
	}
	return incident.Unit{}, false
}

// UnknownDevices lists the devices that belong to no unit, by name.
func (t *Tracker) UnknownDevices() []incident.UnknownDevice {
	out := make([]incident.UnknownDevice, 0, len(t.strange))
	for _, s := range t.strange {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b incident.UnknownDevice) int { return strings.Compare(string(a.Device), string(b.Device)) })
	return out
}

// about starts an update on an incident and a unit.
func (t *Tracker) about(kind incident.UpdateKind, incidentID string, u *team, at time.Time, report string) incident.Update {
	up := incident.Update{Kind: kind, At: at, KnownAt: at, Incident: incidentID, Report: report}
	if u != nil {
		up.Unit, up.CallSign, up.Agency = u.ID, u.CallSign, u.Agency
	}
	if f := t.files[incidentID]; f != nil && f.opening != nil {
		up.Number, up.Category, up.District = f.opening.Number, f.opening.Category, f.district()
		up.ReceivedAt = f.receivedAt()
	}
	return up
}

func (t *Tracker) milestoneUpdate(incidentID string, u *team, r revision, knownAt time.Time) incident.Update {
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

func (t *Tracker) alertUpdate(a incident.Alert, u *team, knownAt time.Time) incident.Update {
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
	if act := t.acks[a.ID]; act != nil {
		a.AckedAt, a.AckedBy = act.At, act.By
	}
	return a
}
