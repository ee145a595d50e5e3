package incident

import (
	"slices"
	"strings"
	"time"
)

// Incidents returns every incident, the newest call first.
func (t *Tracker) Incidents() []Incident {
	out := make([]Incident, 0, len(t.files))
	for _, f := range t.files {
		if f.opening != nil {
			out = append(out, t.view(f))
		}
	}
	slices.SortFunc(out, func(a, b Incident) int {
		return mark{b.ReceivedAt, b.ID}.compare(mark{a.ReceivedAt, a.ID})
	})
	return out
}

// Incident returns one incident by its id.
func (t *Tracker) Incident(id string) (Incident, bool) {
	f := t.files[id]
	if f == nil || f.opening == nil {
		return Incident{}, false
	}
	return t.view(f), true
}

// Units returns the state of every unit on the roster, by call sign.
func (t *Tracker) Units() []UnitState {
	out := make([]UnitState, 0, len(t.teams))
	for _, u := range t.teams {
		out = append(out, u.present())
	}
	slices.SortFunc(out, func(a, b UnitState) int {
		if c := strings.Compare(a.CallSign, b.CallSign); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// UnitByID returns the state of one unit.
func (t *Tracker) UnitByID(id string) (UnitState, bool) {
	u := t.teams[id]
	if u == nil {
		return UnitState{}, false
	}
	return u.present(), true
}

// present is the unit's state with the incident that it is on now.
func (u *team) present() UnitState {
	s := u.state
	s.Incident = ""
	var newest *assignment
	for _, a := range u.assignments {
		if a.until.IsZero() && (newest == nil || !a.from.Before(newest.from)) {
			newest = a
		}
	}
	if newest != nil {
		s.Incident = newest.incident
	}
	return s
}

func (t *Tracker) view(f *file) Incident {
	o := f.opening
	in := Incident{
		ID: f.id, Number: o.Number, Category: o.Category, Address: o.Address, District: f.district(),
		Caller: o.Caller, Description: o.Description, ExternalID: o.ExternalID, ReceivedAt: f.receivedAt(),
		Units: slices.Clone(f.units), Notes: slices.Clone(f.notes), Reviews: slices.Clone(f.reviews),
		Milestones: []Milestone{},
	}
	if in.Units == nil {
		in.Units = []string{}
	}
	in.Location = o.Location
	if n := len(f.relocated); n > 0 {
		in.Location = f.relocated[n-1].Location
	}
	for _, name := range stages {
		if m := f.current[name]; m != nil {
			in.Milestones = append(in.Milestones, *m)
		}
	}
	if f.closedBy != nil {
		in.ClosedAt = f.closedBy.At
		if m := f.current[Closed]; m != nil {
			in.ClosedAt = m.At
		}
	}
	parts := t.parts(f)
	for _, a := range parts {
		for _, m := range a.current {
			in.Milestones = append(in.Milestones, *m)
		}
		in.Milestones = append(in.Milestones, a.progress...)
		in.Alerts = append(in.Alerts, a.sortedAlerts()...)
	}
	slices.SortStableFunc(in.Milestones, func(a, b Milestone) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		if c := stage(a.Name) - stage(b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Unit, b.Unit)
	})
	in.Alarms = f.presentAlarms()
	in.Alerts = append(in.Alerts, f.alerts...)
	slices.SortStableFunc(in.Alerts, func(a, b Alert) int { return mark{a.At, a.Report}.compare(mark{b.At, b.Report}) })
	in.Status = status(f, parts)
	return in
}

// status is the stage that the incident as a whole has reached: the closing act,
// else that of the unit that got furthest, "completed" only when all are.
func status(f *file, parts []*assignment) string {
	if f.status != "" {
		return f.status
	}
	furthest, allDone, sent := Received, true, false
	for _, a := range parts {
		done := a.at(Completed)
		if a.ended == endReleased || a.ended == endMoved {
			if done.IsZero() {
				continue
			}
		}
		sent = true
		here := a.stage()
		if here != Completed {
			allDone = false
		}
		if here != Completed && stage(here) > stage(furthest) {
			furthest = here
		}
	}
	if sent && allDone {
		return string(Completed)
	}
	if !sent && len(parts) > 0 {
		return string(Dispatched)
	}
	return string(furthest)
}

// stage is the unit's newest stage in the incident, by time; any report of its own
// goes beyond having been sent, also one from before.
func (a *assignment) stage() MilestoneName {
	best, newest := Dispatched, time.Time{}
	for _, name := range stages {
		if at := a.at(name); name != Dispatched && !at.IsZero() && !at.Before(newest) {
			best, newest = name, at
		}
	}
	for _, p := range a.progress {
		if p.At.After(newest) {
			best, newest = InProgress, p.At
		}
	}
	return best
}
