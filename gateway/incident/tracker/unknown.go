package tracker

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
)

// Names can be made up on the air: what is remembered of devices that belong to no unit is
// bounded. Of more devices those are forgotten that were heard longest ago.
const (
	maxUnknown       = 10_000
	maxUnknownEvents = 400_000 // of all of them together
	maxUnknownFixes  = 4096    // of one
	maxUnknownKeys   = 256     // of one
)

// unknownDevice is a device that belongs to no unit, with what it said lately: it may be bound
// to one.
type unknownDevice struct {
	incident.UnknownDevice
	last    uint64 // the journal's number of its newest report
	origins origins
	fixes   fixlog.Log
	nFixes  int
	keys    []observation // by own time
}

// reportOfUnknown notes what a device sent that belonged to no unit. An emergency is shown at
// once, whoever claims it.
func (t *Tracker) reportOfUnknown(r *devices.Report) []incident.Update {
	if r.Device == "" {
		return nil
	}
	s := t.noteUnknown(r)
	if r.Retained {
		return nil
	}
	fix, key := s.origins.observe(r, t.journal)
	t.remember(s, fix, key)
	if !r.Emergency {
		return nil
	}
	out := t.raiseUnknown(r.Device, key)
	for i := range out {
		out[i].Device, out[i].Protocol, out[i].Link, out[i].Fix = r.Device, r.Protocol, r.Link, r.Fix
	}
	return out
}

// noteUnknown lists a device that belongs to no unit now, with what it sent last.
func (t *Tracker) noteUnknown(r *devices.Report) *unknownDevice {
	s := t.unknown[r.Device]
	if s == nil {
		s = &unknownDevice{UnknownDevice: incident.UnknownDevice{Device: r.Device, FirstHeard: r.ReceivedAt}}
		t.unknown[r.Device] = s
		t.boundUnknown()
	}
	s.Reports++
	s.last = max(s.last, t.journal)
	s.AnEmergency = s.AnEmergency || r.Emergency && !r.Retained
	if r.ReceivedAt.Before(s.FirstHeard) {
		s.FirstHeard = r.ReceivedAt
	}
	if r.ReceivedAt.After(s.LastHeard) {
		s.LastHeard, s.LastLink, s.LastSaid = r.ReceivedAt, r.Link, lastWords(r)
		if r.HasLiveFix() && !r.Fix.Forgotten {
			s.LastFix = r.Fix
		}
	}
	return s
}

func lastWords(r *devices.Report) string {
	switch {
	case r.Status != "":
		return string(r.Kind) + " " + string(r.Status) + " " + r.StatusCode
	case r.Text != "":
		return r.Text
	}
	return string(r.Kind)
}

// remember keeps what a device said, for the unit to which it may be bound.
func (t *Tracker) remember(s *unknownDevice, said ...observation) {
	for _, o := range said {
		switch {
		case !o.exists():
			continue
		case o.isFix():
			if s.fixes.Find(o.Own) != nil {
				continue
			}
			s.fixes.Add(o.Entry)
			s.fixes.Pack(t.packing)
			s.nFixes++
			t.unknownEvents++
			if s.nFixes > maxUnknownFixes {
				t.forgetOlder(s, o.Known.At.Add(-incident.BindingWindow))
			}
		default:
			n := len(s.keys)
			s.keys = insertByOwnTime(s.keys, o)
			t.unknownEvents += len(s.keys) - n
			if len(s.keys) > maxUnknownKeys {
				s.keys = slices.Delete(s.keys, 0, 1)
				t.unknownEvents--
			}
		}
	}
	t.boundUnknown()
}

// forgetOlder drops a device's fixes from before a time, and the older half when that is not
// enough.
func (t *Tracker) forgetOlder(s *unknownDevice, than time.Time) {
	n, half := 0, time.Time{}
	for e := range s.fixes.From(orderKey{}) {
		if n++; n == maxUnknownFixes/2 {
			half = e.Own.At
		}
	}
	if half.After(than) {
		than = half
	}
	s.fixes.Forget(func(e *fixlog.Entry) bool {
		gone := e.Own.At.Before(than)
		if gone {
			s.nFixes--
			t.unknownEvents--
		}
		return gone
	}, func(first, _ time.Time) bool { return first.Before(than) })
}

// takeFrom takes what a device said out of its memory.
func (t *Tracker) takeFrom(s *unknownDevice, wanted func(observation) bool) (out []observation) {
	s.fixes.Forget(func(e *fixlog.Entry) bool {
		is := wanted(observation{Entry: e})
		if is {
			out = append(out, observation{Entry: e})
		}
		return is
	}, func(_, _ time.Time) bool { return true })
	s.nFixes -= len(out)
	s.keys = slices.DeleteFunc(s.keys, func(o observation) bool {
		is := wanted(o)
		if is {
			out = append(out, o)
		}
		return is
	})
	t.unknownEvents -= len(out)
	return out
}

// boundUnknown forgets the devices that were heard longest ago when there are too many.
func (t *Tracker) boundUnknown() {
	if len(t.unknown) <= maxUnknown+maxUnknown/10 && t.unknownEvents <= maxUnknownEvents {
		return
	}
	oldest := slices.SortedFunc(maps.Values(t.unknown), func(a, b *unknownDevice) int {
		return cmp.Or(cmp.Compare(a.last, b.last), cmp.Compare(a.Device, b.Device))
	})
	for _, s := range oldest {
		if len(t.unknown) <= maxUnknown && t.unknownEvents <= maxUnknownEvents*9/10 {
			return
		}
		t.unknownEvents -= s.nFixes + len(s.keys)
		delete(t.unknown, s.Device)
	}
}

// becameUnknown keeps what a device said while it was, as it turned out, no unit's.
func (t *Tracker) becameUnknown(d devices.Identity, said []observation) []incident.Update {
	if len(said) == 0 {
		return nil
	}
	s := t.unknown[d]
	if s == nil {
		first := said[0]
		s = &unknownDevice{UnknownDevice: incident.UnknownDevice{Device: d, FirstHeard: first.Known.At}}
		t.unknown[d] = s
	}
	var out []incident.Update
	for _, o := range said {
		o.Origin, o.Incident = s.origins.same(*o.Origin), ""
		s.Reports++
		s.last = max(s.last, o.Known.Seq)
		if o.Known.At.Before(s.FirstHeard) {
			s.FirstHeard = o.Known.At
		}
		if o.Known.At.After(s.LastHeard) {
			s.LastHeard, s.LastLink, s.LastSaid = o.Known.At, o.Origin.Link, o.words()
		}
		out = append(out, t.raiseUnknown(d, o)...)
	}
	t.remember(s, said...)
	return out
}

// maxUnknownAlerts is how many emergencies of unknown devices are listed one by one.
const maxUnknownAlerts = 100

// summedAlerts stands for the emergencies of unknown devices that are not listed one by one.
type summedAlerts struct {
	n      int
	first  string // the report by which it is named
	newest time.Time
}

func (s *summedAlerts) alert() incident.Alert {
	a := incident.Alert{
		Kind: emergency, At: s.newest, Report: s.first,
		Text: fmt.Sprintf("dan %d panggilan darurat lain dari perangkat tidak terdaftar / and %d more emergencies of devices not on the roster", s.n, s.n),
	}
	a.ID = updateID(incident.UpdateAlert, "more", s.first)
	return a
}

// raiseUnknown shows an emergency of a device that belongs to no unit.
func (t *Tracker) raiseUnknown(d devices.Identity, o observation) []incident.Update {
	if o.statement == nil || !slices.ContainsFunc(o.statement.alerts, func(a reportAlert) bool { return a.kind == emergency }) {
		return nil
	}
	a := incident.Alert{
		Kind: emergency, At: o.at(), Report: o.Own.ID,
		Text: fmt.Sprintf("%s (tidak terdaftar / not on the roster): DARURAT / EMERGENCY", d),
	}
	a.ID = alertID(&a)
	i, found := slices.BinarySearchFunc(t.unknownAlerts, a, byTime)
	if found {
		return nil
	}
	t.unknownAlerts = slices.Insert(t.unknownAlerts, i, a)
	if len(t.unknownAlerts) > maxUnknownAlerts {
		t.sumOldest()
	}
	return []incident.Update{t.alertUpdate(a, nil, o.Known.At)}
}

// sumOldest counts the oldest listed emergency among those that are not listed one by one; one
// that somebody has seen is not counted.
func (t *Tracker) sumOldest() {
	a := t.unknownAlerts[0]
	t.unknownAlerts = slices.Delete(t.unknownAlerts, 0, 1)
	if t.ackOf(&a) != nil {
		delete(t.acks, a.ID)
		return
	}
	if sum := t.summed.alert(); t.summed.n == 0 || t.acks[sum.ID] != nil {
		delete(t.acks, sum.ID)
		t.summed = summedAlerts{first: a.Report}
	}
	t.summed.n++
	if a.At.After(t.summed.newest) {
		t.summed.newest = a.At
	}
}

// withdrawUnknown takes back the emergencies that are a unit's now.
func (t *Tracker) withdrawUnknown(said []observation, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, o := range said {
		i := slices.IndexFunc(t.unknownAlerts, func(a incident.Alert) bool { return a.Report == o.Own.ID })
		if i < 0 || o.statement == nil {
			continue
		}
		a := t.unknownAlerts[i]
		t.unknownAlerts = slices.Delete(t.unknownAlerts, i, i+1)
		a.Withdrawn = true
		out = append(out, t.alertUpdate(a, nil, knownAt))
	}
	return out
}

// ackOf is the act by which somebody said that he has seen an alert, nil when nobody did. What
// was seen as an unknown device's emergency is seen.
func (t *Tracker) ackOf(a *incident.Alert) *incident.Act {
	if act := t.acks[a.ID]; act != nil || a.Kind != emergency || a.Unit == "" {
		return act
	}
	nobodys := incident.Alert{Kind: a.Kind, Report: a.Report}
	return t.acks[alertID(&nobodys)]
}
