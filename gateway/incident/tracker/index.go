package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

func (f *incidentState) call() incident.Call {
	o, into := f.opening, ""
	if f.mergedBy != nil {
		into = f.mergedBy.Into
	}
	return incident.Call{
		ID: f.id, Number: o.Number, Category: o.Category, Address: o.Address, District: f.district(), ExternalID: o.ExternalID,
		ReceivedAt: f.receivedAt(), ClosedAt: f.closedAt(), Ended: f.status != "", MergedInto: into, HasCaller: o.Caller != "" && f.erasedBy == nil, Erased: f.erasedBy != nil,
	}
}

// closedAt is when the incident was closed, by the act or as it was corrected; zero
// while it is not.
func (f *incidentState) closedAt() time.Time {
	if f.closedBy == nil {
		return time.Time{}
	}
	if m := f.current[incident.Closed]; m != nil {
		return m.At
	}
	return f.closedBy.At
}

// Find returns the incidents that are wanted, the newest call first, and no more than
// the newest most of them, 0 for all. After some years there are a hundred thousand:
// looking for some costs milliseconds, listing all of them seconds.
func (t *Tracker) Find(want func(incident.Call) bool, most int) []incident.Incident {
	out := []incident.Incident{}
	for i := len(t.calls) - 1; i >= 0 && (most <= 0 || len(out) < most); i-- {
		if c := &t.calls[i]; want(c.Call) {
			out = append(out, t.view(c.state))
		}
	}
	return out
}

// Incidents returns every incident, the newest call first.
func (t *Tracker) Incidents() []incident.Incident {
	return t.Find(func(incident.Call) bool { return true }, 0)
}

// Open returns the incidents that have not ended, the newest call first.
func (t *Tracker) Open() []incident.Incident {
	out := make([]incident.Incident, 0, len(t.open))
	for _, f := range t.open {
		out = append(out, t.view(f))
	}
	slices.SortFunc(out, func(a, b incident.Incident) int { return b.Call().Compare(a.Call()) })
	return out
}

// OpenAlarms returns the alarms at which a dispatcher has still to look, of all
// incidents, by time.
func (t *Tracker) OpenAlarms() []journal.Alarm {
	var out []journal.Alarm
	for _, f := range t.alarming {
		if f.opening != nil {
			out = append(out, slices.DeleteFunc(f.presentAlarms(), func(a journal.Alarm) bool { return !a.Open() })...)
		}
	}
	slices.SortFunc(out, func(a, b journal.Alarm) int { return keyAt(a.At, a.ID).Compare(keyAt(b.At, b.ID)) })
	return out
}

// indexedCall is a call with its incident.
type indexedCall struct {
	incident.Call
	state *incidentState
}

func byCall(a, b indexedCall) int { return a.Compare(b.Call) }

// indexIncident brings the indexes up to date after an act about an incident.
func (t *Tracker) indexIncident(f *incidentState) {
	t.indexCall(f)
	t.indexOpen(f)
}

func (t *Tracker) indexCall(f *incidentState) {
	at := len(t.calls) - 1
	for at >= 0 && t.calls[at].state != f { // it is mostly one of the newest
		at--
	}
	if f.opening == nil {
		if at >= 0 {
			t.calls = slices.Delete(t.calls, at, at+1)
		}
		return
	}
	is := indexedCall{f.call(), f}
	switch {
	case at >= 0 && t.calls[at].Compare(is.Call) == 0:
		t.calls[at] = is
		return
	case at >= 0:
		t.calls = slices.Delete(t.calls, at, at+1)
	}
	at, _ = slices.BinarySearchFunc(t.calls, is, byCall)
	t.calls = slices.Insert(t.calls, at, is)
}

func (t *Tracker) indexOpen(f *incidentState) {
	if f.opening != nil && f.status == "" {
		t.open[f.id] = f
	} else {
		delete(t.open, f.id)
	}
	if slices.ContainsFunc(f.presentAlarms(), journal.Alarm.Open) {
		t.alarming[f.id] = f
	} else {
		delete(t.alarming, f.id)
	}
}

// district is the sub-district that the incident lies in, as last corrected.
func (f *incidentState) district() string {
	for i := len(f.relocated) - 1; i >= 0; i-- {
		if d := f.relocated[i].District; d != "" {
			return d
		}
	}
	return f.opening.District
}
