package roster

import (
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// Binding is a device's time with a unit.
type Binding struct {
	Unit string
	// From is since when what the device says is the unit's, the zero time for ever; Until when
	// that ended, the zero time while it lasts.
	From, Until time.Time
}

// Covers tells whether a moment falls into the binding.
func (b *Binding) Covers(at time.Time) bool {
	return !at.Before(b.From) && (b.Until.IsZero() || at.Before(b.Until))
}

// Roster are the units with their devices, now and before. It is not safe for concurrent use.
type Roster struct {
	base []incident.Unit
	acts []incident.Enrolment // by time and id
	ids  map[string]bool      // of acts

	// units are those that stand, configured the file's among them.
	units      []incident.Unit
	configured []incident.Unit
	bindings   map[devices.Identity][]Binding // oldest first; a list is never changed in place
}

// New returns the roster of the units from the journal's beginning.
func New(base []incident.Unit) *Roster {
	r := &Roster{base: base, ids: map[string]bool{}}
	r.fold()
	return r
}

// Apply takes an enrolment; false when it was taken before.
func (r *Roster) Apply(e incident.Enrolment) bool {
	if r.ids[e.ID] {
		return false
	}
	r.ids[e.ID] = true
	i, _ := slices.BinarySearchFunc(r.acts, e, func(x, y incident.Enrolment) int {
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	r.acts = slices.Insert(r.acts, i, e)
	if i == len(r.acts)-1 && e.Kind != incident.EnrolRoster {
		r.take(&e)
	} else {
		r.fold()
	}
	return true
}

// Enrolments are those that were taken, by time.
func (r *Roster) Enrolments() []incident.Enrolment { return slices.Clone(r.acts) }

// Units are the units as they stand, the configured ones first, each with the devices that
// speak for it and those that did once.
func (r *Roster) Units() []incident.Unit {
	out := slices.Clone(r.units)
	at := make(map[string]int, len(out))
	for i := range out {
		out[i].Devices, out[i].Former = slices.Clone(out[i].Devices), nil
		at[out[i].ID] = i
	}
	for _, d := range slices.Sorted(maps.Keys(r.bindings)) {
		for _, b := range r.bindings[d] {
			if i, is := at[b.Unit]; is && !b.Until.IsZero() {
				out[i].Former = append(out[i].Former, incident.FormerBinding{Device: d, Until: b.Until})
			}
		}
	}
	return out
}

// Has tells whether a unit stands on the roster.
func (r *Roster) Has(unit string) bool { return r.index(unit) >= 0 }

// Owner is the unit for which a device speaks now, empty when it is nobody's.
func (r *Roster) Owner(d devices.Identity) string {
	if b := r.bindings[d]; len(b) > 0 && b[len(b)-1].Until.IsZero() {
		return b[len(b)-1].Unit
	}
	return ""
}

// Bindings are a device's times with units, the oldest first. They must not be changed.
func (r *Roster) Bindings(d devices.Identity) []Binding { return r.bindings[d] }

// All are the bindings of all devices. They must not be changed, nor will they be.
func (r *Roster) All() map[devices.Identity][]Binding { return maps.Clone(r.bindings) }

func (r *Roster) fold() {
	base := r.base
	if i := slices.IndexFunc(r.acts, func(a incident.Enrolment) bool { return a.Kind == incident.EnrolRoster }); i >= 0 {
		base = r.acts[i].Units // the first list of a journal holds from its beginning
	}
	r.units, r.configured, r.bindings = nil, base, map[devices.Identity][]Binding{}
	for _, u := range base {
		for _, f := range u.Former {
			r.bindings[f.Device] = append(r.bindings[f.Device], Binding{Unit: u.ID, Until: f.Until})
		}
	}
	for d, list := range r.bindings {
		slices.SortFunc(list, func(a, b Binding) int { return a.Until.Compare(b.Until) })
		for i := 1; i < len(list); i++ {
			list[i].From = list[i-1].Until
		}
		r.bindings[d] = slices.Clip(list)
	}
	for _, u := range base {
		r.units = append(r.units, incident.Unit{ID: u.ID, CallSign: u.CallSign, Agency: u.Agency})
		for _, d := range u.Devices {
			r.bind(len(r.units)-1, d, time.Time{})
		}
	}
	for i := range r.acts {
		r.take(&r.acts[i])
	}
}

func (r *Roster) take(e *incident.Enrolment) {
	switch e.Kind {
	case incident.EnrolUnit:
		if r.index(e.Unit) < 0 { // the units file may have it by now
			r.units = append(r.units, incident.Unit{ID: e.Unit, CallSign: e.CallSign, Agency: e.Agency})
		}
	case incident.EnrolBind:
		if i := r.index(e.Unit); i >= 0 { // else it is a unit of an older units file
			r.bind(i, e.Device, e.At)
		}
	case incident.EnrolRelease:
		if r.Owner(e.Device) == e.Unit {
			r.release(e.Device, e.At)
		}
	case incident.EnrolRoster:
		r.configure(e)
	}
}

// configure makes the units of the file be others: what differs from the ones before changes,
// what was enrolled on top of them stays.
func (r *Roster) configure(e *incident.Enrolment) {
	had := map[string]incident.Unit{}
	for _, u := range r.configured {
		had[u.ID] = u
	}
	var units []incident.Unit
	for _, u := range e.Units {
		now := incident.Unit{ID: u.ID, CallSign: u.CallSign, Agency: u.Agency}
		if i := r.index(u.ID); i >= 0 {
			now.Devices = r.units[i].Devices
		}
		units = append(units, now)
	}
	for _, u := range r.units {
		_, was := had[u.ID]
		switch i := slices.IndexFunc(units, func(x incident.Unit) bool { return x.ID == u.ID }); {
		case i >= 0:
		case was:
			for _, d := range u.Devices {
				r.end(d, e.At)
			}
		default:
			units = append(units, u)
		}
	}
	r.units = units
	for _, u := range e.Units {
		for _, d := range had[u.ID].Devices {
			if !slices.Contains(u.Devices, d) && r.Owner(d) == u.ID {
				r.release(d, e.At)
			}
		}
	}
	for i, u := range e.Units {
		for _, d := range u.Devices {
			if !slices.Contains(had[u.ID].Devices, d) {
				r.bind(i, d, e.At)
			}
		}
	}
	r.configured = e.Units
}

// bind makes a device speak for a unit from a time on, the zero time for ever, and before it
// for as long as it was nobody's, but for no longer than the window.
func (r *Roster) bind(i int, d devices.Identity, at time.Time) {
	unit := r.units[i].ID
	if r.Owner(d) == unit {
		return
	}
	r.release(d, at)
	b := Binding{Unit: unit}
	list := r.bindings[d]
	if !at.IsZero() {
		b.From = at.Add(-incident.BindingWindow)
	}
	if n := len(list); n > 0 && list[n-1].Until.After(b.From) {
		b.From = list[n-1].Until
	}
	r.bindings[d] = append(slices.Clip(list), b)
	r.units[i].Devices = append(slices.Clip(r.units[i].Devices), d)
}

// release ends a device's time with the unit for which it speaks. What it said until then
// stays the unit's.
func (r *Roster) release(d devices.Identity, at time.Time) {
	owner := r.Owner(d)
	if owner == "" {
		return
	}
	if i := r.index(owner); i >= 0 {
		r.units[i].Devices = slices.DeleteFunc(slices.Clone(r.units[i].Devices), func(x devices.Identity) bool { return x == d })
	}
	r.end(d, at)
}

// end ends a device's newest binding.
func (r *Roster) end(d devices.Identity, at time.Time) {
	list := slices.Clone(r.bindings[d])
	if n := len(list); n > 0 && list[n-1].Until.IsZero() {
		list[n-1].Until = at
		r.bindings[d] = list
	}
}

func (r *Roster) index(unit string) int {
	return slices.IndexFunc(r.units, func(u incident.Unit) bool { return u.ID == unit })
}
