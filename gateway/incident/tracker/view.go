package tracker

import (
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// Incident returns one incident by its id.
func (t *Tracker) Incident(id string) (incident.Incident, bool) {
	f := t.incidents[id]
	if f == nil || f.opening == nil {
		return incident.Incident{}, false
	}
	return t.view(f), true
}

// Units returns the state of every unit on the roster, by call sign.
func (t *Tracker) Units() []incident.UnitState {
	out := make([]incident.UnitState, 0, len(t.timelines))
	for _, u := range t.timelines {
		if t.listed[u.ID] {
			out = append(out, t.present(u))
		}
	}
	slices.SortFunc(out, func(a, b incident.UnitState) int {
		if c := strings.Compare(a.CallSign, b.CallSign); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// UnitByID returns the state of one unit.
func (t *Tracker) UnitByID(id string) (incident.UnitState, bool) {
	u := t.timelines[id]
	if u == nil || !t.listed[id] {
		return incident.UnitState{}, false
	}
	return t.present(u), true
}

// present is the unit's state with the incident that it is on now.
func (t *Tracker) present(u *unitTimeline) incident.UnitState {
	s := u.state
	s.Emergency = t.inEmergency(u)
	if seen := u.sighting(); seen.fix != nil && !seen.fix.Forgotten {
		s.Fix, s.FixAt = seen.fix, seen.by.At
	}
	if n := len(u.assignments); n > 0 && u.assignments[n-1].until.IsZero() {
		s.Incident = u.assignments[n-1].incident()
	}
	for i := range u.clocks {
		c := &u.clocks[i]
		s.Clocks = append(s.Clocks, incident.DeviceClock{Device: c.device, OffsetS: c.offset(), Reports: min(c.n, clockReports)})
	}
	slices.SortFunc(s.Clocks, func(a, b incident.DeviceClock) int { return strings.Compare(string(a.Device), string(b.Device)) })
	if len(u.setAside) > 0 || u.impossible > 0 {
		s.SetAside = maps.Clone(u.setAside)
		if u.impossible > 0 {
			s.SetAside[geo.Impossible] = u.impossible
		}
	}
	return s
}

func (t *Tracker) view(f *incidentState) incident.Incident {
	o := f.opening
	in := incident.Incident{
		ID: f.id, Number: o.Number, Category: o.Category, Address: o.Address, District: f.district(),
		Caller: o.Caller, Description: o.Description, ExternalID: o.ExternalID, ReceivedAt: f.receivedAt(),
		Units: slices.Clone(f.units), Notes: slices.Clone(f.notes), Reviews: slices.Clone(f.reviews),
		Milestones: []incident.Milestone{}, Duplicates: t.duplicates(f),
	}
	if f.erasedBy != nil {
		in.Caller, in.CallerErasedAt = "", f.erasedBy.At
	}
	if f.mergedBy != nil {
		in.MergedInto = f.mergedBy.Into
	}
	if in.Units == nil {
		in.Units = []string{}
	}
	in.Location = o.Location
	if n := len(f.relocated); n > 0 {
		in.Location = f.relocated[n-1].Location
		in.Places = append(in.Places, incident.Placed{Location: o.Location, At: f.openedBy.At, By: f.openedBy.By})
		for _, a := range f.relocated {
			in.Places = append(in.Places, incident.Placed{Location: a.Location, At: a.At, By: a.By, Reason: a.Reason})
		}
	}
	for _, name := range stages {
		if name == incident.Cancelled || name == incident.Merged {
			continue // the status says it
		}
		if m := f.current[name]; m != nil {
			in.Milestones = append(in.Milestones, *m)
		}
		if m := f.withdrawn[name]; m != nil {
			in.Withdrawn = append(in.Withdrawn, *m)
		}
	}
	in.ClosedAt = f.closedAt()
	assignments := t.assignments(f)
	for _, a := range assignments {
		if !slices.Contains(in.Units, a.unit) {
			in.Units = append(in.Units, a.unit)
		}
		for _, m := range a.current {
			in.Milestones = append(in.Milestones, *m)
		}
		for _, m := range a.withdrawn {
			in.Withdrawn = append(in.Withdrawn, *m)
		}
		in.Milestones = append(in.Milestones, a.progress...)
	}
	sortMilestones(in.Milestones)
	sortMilestones(in.Withdrawn)
	in.Alarms = f.presentAlarms()
	in.Alerts = t.alertsOf(f, assignments)
	in.Status = status(f, assignments)
	return in
}

// sortMilestones orders by time, stage, unit and report.
func sortMilestones(list []incident.Milestone) {
	slices.SortStableFunc(list, func(a, b incident.Milestone) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		if c := stage(a.Name) - stage(b.Name); c != 0 {
			return c
		}
		if c := strings.Compare(a.Unit, b.Unit); c != 0 {
			return c
		}
		return strings.Compare(a.Report, b.Report)
	})
}

// status is the stage that the incident as a whole has reached: the closing act,
// else that of the unit that got furthest, "completed" only when all are.
func status(f *incidentState, assignments []*assignment) string {
	if f.status != "" {
		return f.status
	}
	furthest, allDone, sent := incident.Received, true, false
	for _, a := range assignments {
		if a.neverBegan() {
			continue
		}
		done := a.at(incident.Completed)
		if a.tookOff() {
			if done.IsZero() {
				continue
			}
		}
		sent = true
		here := a.stage()
		if here != incident.Completed {
			allDone = false
		}
		if here != incident.Completed && stage(here) > stage(furthest) {
			furthest = here
		}
	}
	if sent && allDone {
		return string(incident.Completed)
	}
	if !sent && slices.ContainsFunc(assignments, func(a *assignment) bool { return !a.neverBegan() }) {
		return string(incident.Dispatched)
	}
	return string(furthest)
}

// stage is the unit's newest stage in the incident, by time; any report of its own
// goes beyond having been sent, also one from before.
func (a *assignment) stage() incident.MilestoneName {
	best, newest := incident.Dispatched, time.Time{}
	for _, name := range stages {
		if at := a.at(name); name != incident.Dispatched && !at.IsZero() && !at.Before(newest) {
			best, newest = name, at
		}
	}
	for _, p := range a.progress {
		if p.At.After(newest) {
			best, newest = incident.InProgress, p.At
		}
	}
	return best
}

// NewestAct is the time of the newest act on an incident; zero when there is none.
func (t *Tracker) NewestAct(incidentID string) time.Time {
	f := t.incidents[incidentID]
	if f == nil || len(f.acts) == 0 {
		return time.Time{}
	}
	return f.acts[len(f.acts)-1].At
}

// NewestActOf is the time of the newest act that concerns a unit; zero when there is none.
func (t *Tracker) NewestActOf(unit string) time.Time {
	u := t.timelines[unit]
	if u == nil {
		return time.Time{}
	}
	for _, e := range slices.Backward(u.actsAndKeys) {
		if e.act != nil {
			return e.act.At
		}
	}
	return time.Time{}
}
