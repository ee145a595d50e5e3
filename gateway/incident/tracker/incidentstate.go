package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// incidentState is one incident: the acts about it, and what follows from them in the order of
// time and id.
type incidentState struct {
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

	stageRecord
	// intervals are those that were emitted last, in the plan's order. They are a list,
	// because they are most of what is stored of an incident that ended.
	intervals []sop.Interval
	// emittedCall is the milestone of the call as it was emitted last.
	emittedCall *incident.Milestone
}

func newIncidentState(id string) *incidentState {
	return &incidentState{id: id, stageRecord: newStageRecord(), alarms: map[alarmStep]*journal.Alarm{}}
}

// add inserts an act by its time; false when it was there already.
func (f *incidentState) add(act *incident.Act) bool {
	m := keyAt(act.At, act.ID)
	i, found := slices.BinarySearchFunc(f.acts, m, func(a *incident.Act, m orderKey) int { return keyAt(a.At, a.ID).Compare(m) })
	if found {
		return false
	}
	f.acts = slices.Insert(f.acts, i, act)
	return true
}

// learn adds an act and returns what it changed in the incident's own milestones. An act that
// comes late makes all acts be replayed; the revisions are then the net change.
func (f *incidentState) learn(act *incident.Act) (revisions []revision, isNew bool) {
	if !f.add(act) {
		return nil, false
	}
	if f.acts[len(f.acts)-1] == act {
		f.derive(f.acts)
		return revise(f.stageRecord, f.milestones(f.acts), observationOf(act), f.reason), true
	}
	before := f.stageRecord
	f.stageRecord = newStageRecord()
	for n, a := range f.acts {
		switch a.Kind {
		case incident.ActOpen, incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActMerge, incident.ActCorrect:
			f.derive(f.acts[:n+1])
			revise(f.stageRecord, f.milestones(f.acts[:n+1]), observationOf(a), f.reason)
		}
	}
	f.derive(f.acts)
	return diffRecords(before, f.stageRecord), true
}

// derive sets what follows from acts, taken in their order.
func (f *incidentState) derive(acts []*incident.Act) {
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
		case incident.ActClose, incident.ActCancel:
			if f.status != "" {
				break // what ended stays ended as it did, until it is reopened
			}
			f.status, f.closedBy = "closed", a
			if a.Kind == incident.ActCancel {
				f.status = statusCancelled
			}
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

// placeAt is where the incident was known to be at a time: the opening's place or the newest
// correction of it by then; nil when nobody knew.
func (f *incidentState) placeAt(at time.Time) *incident.Location {
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
// dispatcher's corrections of them, and what takes it out of the figures.
func (f *incidentState) milestones(acts []*incident.Act) map[incident.MilestoneName]incident.Milestone {
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
	by, name := f.mergedBy, incident.Merged
	if by == nil && f.status == statusCancelled {
		by, name = f.closedBy, incident.Cancelled
	}
	if by != nil {
		for key, m := range out {
			m.Uncounted = true
			out[key] = m
		}
		if f.opening != nil {
			out[name] = incident.Milestone{Name: name, At: by.At, Evidence: by.Witness(), Report: by.ID, Confidence: 1, KnownAt: by.At, Clock: gatewayClock}
		}
	}
	return out
}

// statusCancelled is the status of an incident that turned out to be none.
const statusCancelled = "cancelled"

func (f *incidentState) receivedAt() time.Time {
	if m := f.current[incident.Received]; m != nil {
		return m.At
	}
	return time.Time{}
}

// reason says in words why one of the incident's own milestones was replaced.
func (f *incidentState) reason(m *incident.Milestone, e observation) (why, by string) {
	if m != nil {
		for _, a := range f.acts {
			if a.ID == m.Report {
				return a.Reason, a.By
			}
		}
	}
	return because(e.act), e.act.By
}
