package incident

import (
	"slices"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// act takes one act of a dispatcher, call taker or CAD.
func (t *Tracker) act(act *Act) []Update {
	if act.Kind == ActMessage {
		return t.message(act)
	}
	f := t.files[act.Incident]
	if f == nil {
		f = newFile(act.Incident)
		t.files[act.Incident] = f
	}
	revisions, isNew := f.learn(act)
	if !isNew {
		return nil
	}
	out := t.ofAct(f, act, revisions)
	for _, id := range t.concerned(f, act) {
		if u := t.teams[id]; u != nil {
			out = append(out, t.inform(u, f, act)...)
		}
	}
	if act.Kind == ActOpen {
		// Only when entries are folded out of order have units been sent to an
		// incident before it was opened here.
		for _, id := range f.units {
			if u := t.teams[id]; u != nil {
				out = append(out, u.refold(t, act.At)...)
			}
		}
	}
	return out
}

// inform gives a unit an act, and with its dispatch every act on the incident that
// was taken before and concerns it.
func (t *Tracker) inform(u *team, f *file, act *Act) []Update {
	out := u.learn(t, told{mark: mark{act.At, act.ID}, act: act})
	if act.Kind != ActDispatch {
		return out
	}
	for _, a := range f.acts {
		if a != act && slices.Contains(t.concerned(f, a), u.ID) {
			out = append(out, u.learn(t, told{mark: mark{a.At, a.ID}, act: a})...)
		}
	}
	return out
}

// concerned lists the units whose part in the incident the act touches.
func (t *Tracker) concerned(f *file, act *Act) []string {
	switch act.Kind {
	case ActDispatch, ActRelease, ActCorrect:
		return act.Units
	case ActClose, ActCancel, ActReopen, ActRelocate:
		return f.units
	}
	return nil
}

// ofAct tells about the act itself and the milestones of the whole incident.
func (t *Tracker) ofAct(f *file, act *Act, revisions []revision) []Update {
	var out []Update
	base := func(kind UpdateKind) {
		up := t.about(kind, f.id, nil, act.At, act.ID)
		up.ID, up.By, up.Text = updateID(kind, f.id, act.ID), act.By, act.Text
		out = append(out, up)
	}
	switch act.Kind {
	case ActOpen:
		base(UpdateOpened)
	case ActReview:
		base(UpdateReview)
	case ActNote:
		base(UpdateNote)
	case ActRelocate, ActReopen, ActCancel:
		base(UpdateChanged)
	case ActClose:
		base(UpdateClosed)
	}
	for _, r := range revisions {
		out = append(out, t.milestoneUpdate(f.id, nil, r, act.At))
	}
	return out
}

func (t *Tracker) message(act *Act) []Update {
	var out []Update
	for _, id := range act.Units {
		u := t.teams[id]
		if u == nil {
			continue
		}
		up := t.about(UpdateMessage, u.incidentAt(act.At), u, act.At, act.ID)
		up.ID, up.By, up.Text = updateID(UpdateMessage, id, act.ID), act.By, act.Text
		out = append(out, up)
	}
	return out
}

// delivery tells what became of a message to a unit.
func (t *Tracker) delivery(id string, d *journal.Delivery) []Update {
	u := t.teams[d.Unit]
	if u == nil {
		return nil
	}
	up := t.about(UpdateDelivery, u.incidentAt(d.At), u, d.At, d.Report)
	up.ID, up.Device, up.Link, up.Text, up.Delivery = updateID(UpdateDelivery, id), devices.Identity(d.Device), d.Link, d.Text, d
	return []Update{up}
}
