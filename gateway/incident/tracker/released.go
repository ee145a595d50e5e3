package tracker

import (
	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
)

// listReleased lists a device that was a unit's until now and is no unit's any more, with what
// it said last, so that it can be bound to another at once. What it said until then stays the
// unit's. One of which nothing is known any more is listed when it says something.
func (t *Tracker) listReleased(d devices.Identity, spoke []roster.Binding) {
	var heard incident.UnknownDevice
	var last uint64
	see := func(o observation) {
		if o.Origin == nil || o.Origin.Device != d {
			return
		}
		heard.Reports++
		last = max(last, o.Known.Seq)
		if heard.FirstHeard.IsZero() || o.Known.At.Before(heard.FirstHeard) {
			heard.FirstHeard = o.Known.At
		}
		if o.Known.At.After(heard.LastHeard) {
			heard.LastHeard, heard.LastLink, heard.LastSaid = o.Known.At, o.Origin.Link, o.words()
		}
	}
	for _, u := range t.unitsIn(spoke) {
		for e := range u.fixes.From(orderKey{}) {
			see(observation{Entry: e})
		}
		for _, o := range u.actsAndKeys {
			see(o)
		}
	}
	if heard.Reports == 0 {
		return
	}
	s := t.unknown[d]
	if s == nil {
		heard.Device = d
		s = &unknownDevice{UnknownDevice: heard, last: last}
		t.unknown[d] = s
		t.boundUnknown()
		return
	}
	s.Reports, s.last = max(s.Reports, heard.Reports), max(s.last, last)
	if heard.FirstHeard.Before(s.FirstHeard) {
		s.FirstHeard = heard.FirstHeard
	}
	if heard.LastHeard.After(s.LastHeard) {
		s.LastHeard, s.LastLink, s.LastSaid = heard.LastHeard, heard.LastLink, heard.LastSaid
	}
}

// words is what a device said, as the list of unknown devices shows it.
func (e observation) words() string {
	if e.isFix() {
		return string(devices.KindPosition)
	}
	return lastWords(&devices.Report{Kind: devices.KindStatus, Status: e.statement.status, StatusCode: e.statement.code, Text: e.statement.text})
}
