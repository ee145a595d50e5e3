package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// file is one incident: the acts about it, and what they say when taken in
// order of time and id.
type file struct {
	id   string
	acts []*incident.Act

	opening   *incident.Opening
	openedBy  *incident.Act
	relocated []*incident.Act
	status    string // "closed", "cancelled" or empty while open
	closedBy  *incident.Act
	reviews   []time.Time
	notes     []incident.Note
	units     []string
	absorbed  []string      // incidents that were said to be duplicates of this one
	mergedBy  *incident.Act // the act that made this a duplicate, nil when it is none
	erasedBy  *incident.Act // the act that made the caller forgotten, nil when none did
	alarms    map[alarmStep]*journal.Alarm

	record
	// intervals are those that were told last, in the plan's order. As a list: they are
	// the most of what is kept of an incident that ended.
	intervals []sop.Interval
}

func newFile(id string) *file {
	return &file{id: id, record: newRecord(), alarms: map[alarmStep]*journal.Alarm{}}
}

// add files an act by its time; false when it was there already.
func (f *file) add(act *incident.Act) bool {
	m := mark{act.At, act.ID}
	i, found := slices.BinarySearchFunc(f.acts, m, func(a *incident.Act, m mark) int { return mark{a.At, a.ID}.compare(m) })
	if found {
		return false
	}
	f.acts = slices.Insert(f.acts, i, act)
	return true
}

// learn files an act and tells what it changed in the incident's own
// milestones. An act that comes late makes all of them be taken again; a reader
// is told of the net change.
func (f *file) learn(act *incident.Act) (revisions []revision, isNew bool) {
	if !f.add(act) {
		return nil, false
	}
	if f.acts[len(f.acts)-1] == act {
		f.read(f.acts)
		return revise(f.record, f.milestones(f.acts), &told{known: mark{act.At, act.ID}, act: act}, f.reason), true
	}
	before := f.record
	f.record = newRecord()
	for n, a := range f.acts {
		switch a.Kind {
		case incident.ActOpen, incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActMerge, incident.ActCorrect:
			f.read(f.acts[:n+1])
			revise(f.record, f.milestones(f.acts[:n+1]), &told{known: mark{a.At, a.ID}, act: a}, f.reason)
		}
	}
	f.read(f.acts)
	return net(before, f.record), true
}

// read takes acts in order.
func (f *file) read(acts []*incident.Act) {
	f.opening, f.openedBy, f.closedBy, f.mergedBy, f.status = nil, nil, nil, nil, ""
	f.relocated, f.reviews, f.notes, f.units, f.erasedBy = nil, nil, nil, nil, nil
	for _, a := range incident.WithoutErased(acts) {
		switch a.Kind {
		case incident.ActOpen:
			if f.opening == nil {
				f.opening, f.openedBy = a.Opening, a
			}
		case incident.ActDispatch:
			for _, u := range a.Units {
				if !slices.Contains(f.units, u) {
					f.units = append(f.units, u)
				}
			}
			f.reviews = append(f.reviews, a.At)
		case incident.ActReview:
			f.reviews = append(f.reviews, a.At)
		case incident.ActNote:
			if a.By != incident.ByCADSystem && a.By != incident.ByGazetteer { // no look of the dispatcher
				f.reviews = append(f.reviews, a.At)
			}
			f.notes = append(f.notes, incident.Note{At: a.At, By: a.By, Text: a.Text})
		case incident.ActRelocate:
			f.relocated = append(f.relocated, a)
		case incident.ActClose:
			f.status, f.closedBy = "closed", a
		case incident.ActCancel:
			f.status, f.closedBy = "cancelled", a
		case incident.ActMerge:
			if a.Into != f.id {
				f.status, f.mergedBy = "merged", a
			}
		case incident.ActErase:
			f.erasedBy = a
		case incident.ActReopen:
			f.status, f.closedBy, f.mergedBy = "", nil, nil
		}
	}
}

// placeAt is where the incident was known to be at a time: the opening's place
// or the newest correction of it by then; nil when nobody has said.
func (f *file) placeAt(at time.Time) *incident.Location {
	if f.opening == nil {
		return nil
	}
	place := f.opening.Location
	for _, a := range f.relocated {
		if !a.At.After(at) {
			place = a.Location
		}
	}
	return place
}

// milestones are those of the whole incident: received and closed, with the
// dispatcher's corrections of them.
func (f *file) milestones(acts []*incident.Act) map[incident.MilestoneName]incident.Milestone {
	out := map[incident.MilestoneName]incident.Milestone{}
	if f.opening != nil {
		evidence := incident.ByDispatcher
		if f.opening.Source == "cad" {
			evidence = incident.ByCAD
		}
		out[incident.Received] = incident.Milestone{Name: incident.Received, At: f.opening.ReceivedAt, Evidence: evidence, Report: f.openedBy.ID, Confidence: 1, KnownAt: f.openedBy.At, Clock: gatewayClock}
	}
	if f.closedBy != nil {
		out[incident.Closed] = incident.Milestone{Name: incident.Closed, At: f.closedBy.At, Evidence: f.closedBy.Witness(), Report: f.closedBy.ID, Confidence: 1, KnownAt: f.closedBy.At, Clock: gatewayClock}
	}
	for _, a := range acts {
		if a.Kind != incident.ActCorrect || len(a.Units) > 0 {
			continue
		}
		if _, has := out[a.Milestone]; has {
			out[a.Milestone] = incident.Milestone{Name: a.Milestone, At: a.MilestoneAt, Evidence: incident.ByDispatcher, Report: a.ID, Confidence: 1, KnownAt: a.At, Clock: gatewayClock}
		}
	}
	return out
}

func (f *file) receivedAt() time.Time {
	if m := f.current[incident.Received]; m != nil {
		return m.At
	}
	return time.Time{}
}

// reason says in words why one of the incident's own milestones was replaced.
func (f *file) reason(m *incident.Milestone, e *told) (why, by string) {
	if m != nil {
		for _, a := range f.acts {
			if a.ID == m.Report {
				return a.Reason, a.By
			}
		}
	}
	return because(e.act), e.act.By
}
