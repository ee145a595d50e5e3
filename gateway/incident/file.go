package incident

import (
	"slices"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// file is one incident: the acts about it, and what they say when taken in
// order of time and id.
type file struct {
	id   string
	acts []*Act

	opening   *Opening
	openedBy  *Act
	relocated []*Act
	status    string // "closed", "cancelled" or empty while open
	closedBy  *Act
	reviews   []time.Time
	notes     []Note
	units     []string
	absorbed  []string // incidents that were said to be duplicates of this one
	mergedBy  *Act     // the act that made this a duplicate, nil when it is none
	erasedBy  *Act     // the act that made the caller forgotten, nil when none did
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
func (f *file) add(act *Act) bool {
	m := mark{act.At, act.ID}
	i, found := slices.BinarySearchFunc(f.acts, m, func(a *Act, m mark) int { return mark{a.At, a.ID}.compare(m) })
	if found {
		return false
	}
	f.acts = slices.Insert(f.acts, i, act)
	return true
}

// learn files an act and tells what it changed in the incident's own
// milestones. An act that comes late makes all of them be taken again; a reader
// is told of the net change.
func (f *file) learn(act *Act) (revisions []revision, isNew bool) {
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
		case ActOpen, ActClose, ActCancel, ActReopen, ActMerge, ActCorrect:
			f.read(f.acts[:n+1])
			revise(f.record, f.milestones(f.acts[:n+1]), &told{known: mark{a.At, a.ID}, act: a}, f.reason)
		}
	}
	f.read(f.acts)
	return net(before, f.record), true
}

// read takes acts in order.
func (f *file) read(acts []*Act) {
	f.opening, f.openedBy, f.closedBy, f.mergedBy, f.status = nil, nil, nil, nil, ""
	f.relocated, f.reviews, f.notes, f.units, f.erasedBy = nil, nil, nil, nil, nil
	for _, a := range withoutErased(acts) {
		switch a.Kind {
		case ActOpen:
			if f.opening == nil {
				f.opening, f.openedBy = a.Opening, a
			}
		case ActDispatch:
			for _, u := range a.Units {
				if !slices.Contains(f.units, u) {
					f.units = append(f.units, u)
				}
			}
			f.reviews = append(f.reviews, a.At)
		case ActReview:
			f.reviews = append(f.reviews, a.At)
		case ActNote:
			if a.By != ByCADSystem && a.By != ByGazetteer { // no look of the dispatcher
				f.reviews = append(f.reviews, a.At)
			}
			f.notes = append(f.notes, Note{At: a.At, By: a.By, Text: a.Text})
		case ActRelocate:
			f.relocated = append(f.relocated, a)
		case ActClose:
			f.status, f.closedBy = "closed", a
		case ActCancel:
			f.status, f.closedBy = "cancelled", a
		case ActMerge:
			if a.Into != f.id {
				f.status, f.mergedBy = "merged", a
			}
		case ActErase:
			f.erasedBy = a
		case ActReopen:
			f.status, f.closedBy, f.mergedBy = "", nil, nil
		}
	}
}

// placeAt is where the incident was known to be at a time: the opening's place
// or the newest correction of it by then; nil when nobody has said.
func (f *file) placeAt(at time.Time) *Location {
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
func (f *file) milestones(acts []*Act) map[MilestoneName]Milestone {
	out := map[MilestoneName]Milestone{}
	if f.opening != nil {
		evidence := ByDispatcher
		if f.opening.Source == "cad" {
			evidence = ByCAD
		}
		out[Received] = Milestone{Name: Received, At: f.opening.ReceivedAt, Evidence: evidence, Report: f.openedBy.ID, Confidence: 1, KnownAt: f.openedBy.At, Clock: gatewayClock}
	}
	if f.closedBy != nil {
		out[Closed] = Milestone{Name: Closed, At: f.closedBy.At, Evidence: f.closedBy.evidence(), Report: f.closedBy.ID, Confidence: 1, KnownAt: f.closedBy.At, Clock: gatewayClock}
	}
	for _, a := range acts {
		if a.Kind != ActCorrect || len(a.Units) > 0 {
			continue
		}
		if _, has := out[a.Milestone]; has {
			out[a.Milestone] = Milestone{Name: a.Milestone, At: a.MilestoneAt, Evidence: ByDispatcher, Report: a.ID, Confidence: 1, KnownAt: a.At, Clock: gatewayClock}
		}
	}
	return out
}

func (f *file) receivedAt() time.Time {
	if m := f.current[Received]; m != nil {
		return m.At
	}
	return time.Time{}
}

// reason says in words why one of the incident's own milestones was replaced.
func (f *file) reason(m *Milestone, e *told) (why, by string) {
	if m != nil {
		for _, a := range f.acts {
			if a.ID == m.Report {
				return a.Reason, a.By
			}
		}
	}
	return because(e.act), e.act.By
}
