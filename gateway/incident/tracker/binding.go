package tracker

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
)

// bound is a device's time with a unit, as the tracker looks it up.
type bound struct {
	roster.Binding
	timeline *unitTimeline
}

// indexRoster makes what is looked up follow the roster.
func (t *Tracker) indexRoster() {
	units := t.roster.Units()
	t.listed = make(map[string]bool, len(units))
	for _, u := range units {
		t.listed[u.ID] = true
		t.timeline(u.ID).rename(u)
	}
	t.bound = map[devices.Identity][]bound{}
	for d, list := range t.roster.All() {
		t.bound[d] = t.lookUp(list)
	}
	for id, u := range t.timelines {
		if !t.listed[id] {
			u.rename(incident.Unit{ID: id, CallSign: u.CallSign, Agency: u.Agency})
		}
	}
}

func (t *Tracker) lookUp(list []roster.Binding) []bound {
	out := make([]bound, len(list))
	for i, b := range list {
		out[i] = bound{b, t.timeline(b.Unit)}
	}
	return out
}

// timeline is that of a unit, a new one when the unit was not known.
func (t *Tracker) timeline(id string) *unitTimeline {
	u := t.timelines[id]
	if u == nil {
		u = newTimeline(incident.Unit{ID: id})
		t.timelines[id] = u
	}
	return u
}

func (u *unitTimeline) rename(to incident.Unit) { u.Unit, u.state.Unit = to, to }

// ownerNow is the unit for which a device speaks now, nil for an unknown device.
func (t *Tracker) ownerNow(d devices.Identity) *unitTimeline {
	if b := t.bound[d]; len(b) > 0 && b[len(b)-1].Until.IsZero() {
		return b[len(b)-1].timeline
	}
	return nil
}

// ownerAt is the unit for which a device spoke at a time.
func (t *Tracker) ownerAt(d devices.Identity, at time.Time) *unitTimeline {
	list := t.bound[d]
	for i := range slices.Backward(list) {
		if list[i].Covers(at) {
			return list[i].timeline
		}
	}
	return nil
}

// speaker is the unit for which a report's device spoke when it was made; nil for an unknown
// device.
func (t *Tracker) speaker(r *devices.Report) *unitTimeline {
	switch list := t.bound[r.Device]; {
	case len(list) == 0:
		return nil
	case len(list) == 1 && list[0].From.IsZero() && list[0].Until.IsZero():
		return list[0].timeline
	}
	return t.ownerAt(r.Device, judgedTime(r))
}

// enrol applies a change of the roster. What the devices said that speak for another unit now,
// at the times for which they do, becomes that unit's; nothing else is judged again.
func (t *Tracker) enrol(e *incident.Enrolment) []incident.Update {
	was, units := t.roster.All(), map[string]incident.Unit{}
	for _, u := range t.roster.Units() {
		units[u.ID] = u
	}
	if !t.roster.Apply(*e) {
		return nil
	}
	t.enrolments = append(t.enrolments, *e)
	t.indexRoster()
	var out []incident.Update
	for _, u := range t.roster.Units() {
		old, had := units[u.ID]
		delete(units, u.ID)
		if !had || old.CallSign != u.CallSign || old.Agency != u.Agency || !slices.Equal(old.Devices, u.Devices) {
			out = append(out, t.unitUpdate(u.ID, e))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(units)) {
		out = append(out, t.unitUpdate(id, e))
	}
	is := t.roster.All()
	for d := range was {
		if _, still := is[d]; !still {
			is[d] = nil
		}
	}
	for _, d := range slices.Sorted(maps.Keys(is)) {
		if !slices.Equal(was[d], is[d]) {
			out = append(out, t.rebind(d, was[d], is[d], e.At)...)
		}
	}
	return out
}

func (t *Tracker) unitUpdate(id string, e *incident.Enrolment) incident.Update {
	up := t.about(incident.UpdateUnit, "", t.timelines[id], e.At, e.ID)
	up.ID, up.By, up.Device, up.Text = updateID(incident.UpdateUnit, id, e.ID), e.By, e.Device, string(e.Kind)
	return up
}

// rebind moves what a device said from those for which it spoke then, as it seemed, to those
// for which it did.
func (t *Tracker) rebind(d devices.Identity, was, is []roster.Binding, knownAt time.Time) []incident.Update {
	var out []incident.Update
	said := map[*unitTimeline][]observation{}
	give := func(o observation) {
		to := t.ownerAt(d, o.Own.At)
		said[to] = append(said[to], o)
	}
	since := firstDifference(was, is)
	for _, u := range t.unitsIn(was) {
		taken, updates := u.unlearn(t, knownAt, since, func(o observation) bool { return t.ownerAt(d, o.Own.At) != u && o.Origin.Device == d })
		out = append(out, updates...)
		for _, o := range taken {
			if t.ownerAt(d, o.Own.At) == nil {
				out = append(out, u.withdrawnUpdates(t, o, knownAt)...)
			}
			give(o)
		}
	}
	if s := t.unknown[d]; s != nil {
		for _, o := range t.takeFrom(s, func(o observation) bool { return t.ownerAt(d, o.Own.At) != nil }) {
			give(o)
		}
		if s.nFixes == 0 && len(s.keys) == 0 {
			delete(t.unknown, d)
		}
	}
	for _, u := range t.unitsIn(is) {
		out = append(out, t.withdrawUnknown(said[u], knownAt)...)
		out = append(out, u.takeOver(t, said[u], knownAt)...)
	}
	out = append(out, t.becameUnknown(d, said[nil])...)
	if n := len(was); n > 0 && was[n-1].Until.IsZero() && t.ownerNow(d) == nil {
		t.listReleased(d, is)
	}
	return out
}

// unitsIn are the units of bindings, each once, by id.
func (t *Tracker) unitsIn(list []roster.Binding) []*unitTimeline {
	var out []*unitTimeline
	for _, b := range list {
		if u := t.timelines[b.Unit]; u != nil && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *unitTimeline) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// firstDifference is the earliest time at which a device may speak for another than before.
func firstDifference(was, is []roster.Binding) time.Time {
	i := 0
	for i < len(was) && i < len(is) && was[i] == is[i] {
		i++
	}
	var first []time.Time
	for _, list := range [][]roster.Binding{was[i:], is[i:]} {
		if len(list) > 0 {
			first = append(first, list[0].From)
		}
	}
	if i < len(was) && i < len(is) && was[i].Unit == is[i].Unit && was[i].From.Equal(is[i].From) {
		first = first[:0] // only its end is another
		for _, b := range []roster.Binding{was[i], is[i]} {
			if !b.Until.IsZero() {
				first = append(first, b.Until)
			}
		}
	}
	if len(first) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(first, time.Time.Compare)
}
