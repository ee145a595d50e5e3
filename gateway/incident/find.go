package incident

import (
	"slices"
	"time"

	"htgateway/gateway/journal"
)

// Call is what an incident is found by.
type Call struct {
	ID, Number, Category, Address, District, ExternalID string
	// ReceivedAt and ClosedAt, UTC, are those of the milestones; ClosedAt is zero of one
	// that was not closed.
	ReceivedAt, ClosedAt time.Time
	// Ended is set when nothing more is to be done: closed, cancelled or merged.
	Ended bool
	// HasCaller tells whether who called is known still, Erased that it was forgotten.
	HasCaller, Erased bool
}

// Compare orders calls by when they were received, those of one moment by their ids.
func (c Call) Compare(o Call) int {
	return mark{c.ReceivedAt, c.ID}.compare(mark{o.ReceivedAt, o.ID})
}

func (f *file) call() Call {
	o := f.opening
	return Call{
		ID: f.id, Number: o.Number, Category: o.Category, Address: o.Address, District: f.district(), ExternalID: o.ExternalID,
		ReceivedAt: f.receivedAt(), ClosedAt: f.closedAt(), Ended: f.status != "", HasCaller: o.Caller != "" && f.erasedBy == nil, Erased: f.erasedBy != nil,
	}
}

// Call is what the incident is found by.
func (in *Incident) Call() Call {
	return Call{
		ID: in.ID, Number: in.Number, Category: in.Category, Address: in.Address, District: in.District, ExternalID: in.ExternalID,
		ReceivedAt: in.ReceivedAt, ClosedAt: in.ClosedAt, Ended: in.Ended(), HasCaller: in.Caller != "", Erased: !in.CallerErasedAt.IsZero(),
	}
}

// closedAt is when the incident was closed, by the act or as it was corrected; zero
// while it is not.
func (f *file) closedAt() time.Time {
	if f.closedBy == nil {
		return time.Time{}
	}
	if m := f.current[Closed]; m != nil {
		return m.At
	}
	return f.closedBy.At
}

// Find returns the incidents that are wanted, the newest call first, and no more than
// the newest most of them, 0 for all. After some years there are a hundred thousand:
// looking for some costs milliseconds, listing all of them seconds.
func (t *Tracker) Find(want func(Call) bool, most int) []Incident {
	out := []Incident{}
	for i := len(t.calls) - 1; i >= 0 && (most <= 0 || len(out) < most); i-- {
		if c := &t.calls[i]; want(c.Call) {
			out = append(out, t.view(c.file))
		}
	}
	return out
}

// Incidents returns every incident, the newest call first.
func (t *Tracker) Incidents() []Incident { return t.Find(func(Call) bool { return true }, 0) }

// Open returns the incidents that have not ended, the newest call first.
func (t *Tracker) Open() []Incident {
	out := make([]Incident, 0, len(t.open))
	for _, f := range t.open {
		out = append(out, t.view(f))
	}
	slices.SortFunc(out, func(a, b Incident) int { return b.Call().Compare(a.Call()) })
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
	slices.SortFunc(out, func(a, b journal.Alarm) int { return mark{a.At, a.ID}.compare(mark{b.At, b.ID}) })
	return out
}

// shelved is a call with its incident.
type shelved struct {
	Call
	file *file
}

func byCall(a, b shelved) int { return a.Compare(b.Call) }

// shelve keeps what is found often where it is found at once, after an act.
func (t *Tracker) shelve(f *file) {
	t.shelveCall(f)
	t.shelveOpen(f)
}

func (t *Tracker) shelveCall(f *file) {
	at := len(t.calls) - 1
	for at >= 0 && t.calls[at].file != f { // it is mostly one of the newest
		at--
	}
	if f.opening == nil {
		if at >= 0 {
			t.calls = slices.Delete(t.calls, at, at+1)
		}
		return
	}
	is := shelved{f.call(), f}
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

func (t *Tracker) shelveOpen(f *file) {
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
