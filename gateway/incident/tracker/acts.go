package tracker

import (
	"slices"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// act applies one act of a dispatcher, call taker or CAD.
func (t *Tracker) act(act *incident.Act) []incident.Update {
	switch act.Kind {
	case incident.ActMessage:
		return t.message(act)
	case incident.ActAckAlert:
		return t.acknowledge(act)
	}
	f := t.stateOf(act.Incident)
	revisions, isNew := f.learn(act)
	if !isNew {
		return nil
	}
	t.indexIncident(f)
	out := t.ofAct(f, act, revisions)
	if act.Kind == incident.ActMerge && act.Into != act.Incident {
		out = append(out, t.absorb(act)...)
	}
	if act.Kind == incident.ActDispatch {
		for _, id := range act.Units {
			if u := t.timelines[id]; u != nil {
				sent := keyAt(act.At, act.ID)
				for _, incidentID := range t.path(act.Incident, sent) { // also what it had been merged into
					out = append(out, t.concern(u, incidentID, sent)...)
				}
			}
		}
	}
	for _, u := range t.interested[act.Incident] {
		out = append(out, t.inform(u, act)...)
	}
	return out
}

// stateOf is the state of an incident, a new one when nothing is known of it yet.
func (t *Tracker) stateOf(id string) *incidentState {
	f := t.incidents[id]
	if f == nil {
		f = newIncidentState(id)
		t.incidents[id] = f
	}
	return f
}

// concern makes an incident's acts from since on concern a unit.
func (t *Tracker) concern(u *unitTimeline, id string, since orderKey) []incident.Update {
	was, had := u.interest[id]
	if had && was.Compare(since) <= 0 {
		return nil
	}
	if u.interest == nil {
		u.interest = map[string]orderKey{}
	}
	if u.interest[id] = since; !had {
		t.interested[id] = append(t.interested[id], u)
	}
	var out []incident.Update
	for _, a := range slices.Clone(t.stateOf(id).acts) {
		if since.Compare(keyAt(a.At, a.ID)) <= 0 {
			out = append(out, t.inform(u, a)...)
		}
	}
	return out
}

// inform gives a unit an act, when it touches one of the unit's assignments.
func (t *Tracker) inform(u *unitTimeline, act *incident.Act) []incident.Update {
	at := keyAt(act.At, act.ID)
	switch act.Kind {
	case incident.ActDispatch, incident.ActRelease, incident.ActCorrect:
		if !slices.Contains(act.Units, u.ID) {
			return nil
		}
	case incident.ActOpen, incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActRelocate:
	case incident.ActMerge:
		if act.Into != act.Incident {
			out := u.learn(t, observationOf(act))
			for _, incidentID := range t.path(act.Into, at) {
				out = append(out, t.concern(u, incidentID, at)...)
			}
			return out
		}
		return nil
	default:
		return nil
	}
	return u.learn(t, observationOf(act))
}

// ofAct makes the updates about the act itself and the milestones of the whole incident.
func (t *Tracker) ofAct(f *incidentState, act *incident.Act, revisions []revision) []incident.Update {
	kind := map[incident.ActKind]incident.UpdateKind{
		incident.ActOpen: incident.UpdateOpened, incident.ActReview: incident.UpdateReview, incident.ActNote: incident.UpdateNote, incident.ActClose: incident.UpdateClosed,
		incident.ActRelocate: incident.UpdateChanged, incident.ActReopen: incident.UpdateChanged, incident.ActCancel: incident.UpdateChanged, incident.ActMerge: incident.UpdateChanged, incident.ActErase: incident.UpdateChanged,
	}[act.Kind]
	var out []incident.Update
	if kind != "" {
		up := t.about(kind, f.id, nil, act.At, act.ID)
		up.ID, up.By, up.Text = updateID(kind, f.id, act.ID), act.By, act.Text
		if up.Text == "" && kind == incident.UpdateChanged {
			up.Text = because(act)
		}
		out = append(out, up)
	}
	for _, r := range revisions {
		if r.name() != incident.Received { // its time hangs on the duplicates too
			out = append(out, t.milestoneUpdate(f.id, nil, r, act.At))
		}
	}
	return out
}

// absorb notes a duplicate in the incident that survives, with an update of it there.
func (t *Tracker) absorb(act *incident.Act) []incident.Update {
	into := t.stateOf(act.Into)
	if !slices.Contains(into.absorbed, act.Incident) {
		into.absorbed = append(into.absorbed, act.Incident)
	}
	up := t.about(incident.UpdateChanged, act.Into, nil, act.At, act.ID)
	up.ID, up.By, up.Text = updateID(incident.UpdateChanged, act.Into, act.ID), act.By, because(act)
	return []incident.Update{up}
}

// acknowledge notes that a person has seen an alert. The first to say so stands.
func (t *Tracker) acknowledge(act *incident.Act) []incident.Update {
	first := t.acks[act.Alert]
	if first != nil && keyAt(first.At, first.ID).Compare(keyAt(act.At, act.ID)) <= 0 {
		return nil
	}
	t.acks[act.Alert] = act
	up := t.about(incident.UpdateAlertAck, act.Incident, nil, act.At, act.ID)
	up.ID, up.By, up.Text = updateID(incident.UpdateAlertAck, act.Alert, act.ID), act.By, act.Reason
	up.Alert = &incident.Alert{ID: act.Alert, Incident: act.Incident, AckedAt: act.At, AckedBy: act.By}
	if len(act.Units) == 1 {
		if u := t.timelines[act.Units[0]]; u != nil {
			up.Unit, up.CallSign, up.Agency, up.Alert.Unit = u.ID, u.CallSign, u.Agency, u.ID
			// What the device says alike from now on is an alert again.
			return append([]incident.Update{up}, u.learn(t, observationOf(act))...)
		}
	}
	return []incident.Update{up}
}

func (t *Tracker) message(act *incident.Act) []incident.Update {
	var out []incident.Update
	for _, id := range act.Units {
		u := t.timelines[id]
		if u == nil {
			continue
		}
		up := t.about(incident.UpdateMessage, u.incidentAt(act.At), u, act.At, act.ID)
		up.ID, up.By, up.Text = updateID(incident.UpdateMessage, id, act.ID), act.By, act.Text
		out = append(out, up)
	}
	return out
}

// delivery makes the update about what became of a message to a unit.
func (t *Tracker) delivery(id string, d *journal.Delivery) []incident.Update {
	u := t.timelines[d.Unit]
	if u == nil {
		return nil
	}
	up := t.about(incident.UpdateDelivery, u.incidentAt(d.At), u, d.At, d.Report)
	up.ID, up.Device, up.Link, up.Text, up.Delivery = updateID(incident.UpdateDelivery, id), devices.Identity(d.Device), d.Link, d.Text, d
	return []incident.Update{up}
}
