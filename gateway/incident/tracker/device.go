package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// noteClock notes how far a device's clock is from the gateway's.
func (u *unitTimeline) noteClock(e observation) {
	said, is := e.deviceTime()
	if !is || e.Origin.Away {
		return
	}
	i := slices.IndexFunc(u.clocks, func(c clock) bool { return c.device == e.Origin.Device })
	if i < 0 {
		i = len(u.clocks)
		u.clocks = append(u.clocks, clock{device: e.Origin.Device})
	}
	u.clocks[i].note(e.Known.At.Sub(said))
}

func (u *unitTimeline) offset(device devices.Identity) geo.Reading {
	for i := range u.clocks {
		if u.clocks[i].device == device {
			return u.clocks[i].offset()
		}
	}
	return geo.Reading{}
}

// notePowerOn notes when a device was switched on.
func (u *unitTimeline) notePowerOn(e observation) {
	i := slices.IndexFunc(u.poweredOn, func(o poweredOn) bool { return o.device == e.Origin.Device })
	if i < 0 {
		i = len(u.poweredOn)
		u.poweredOn = append(u.poweredOn, poweredOn{device: e.Origin.Device})
	}
	at := e.Known.At
	if e.Origin.Away {
		at = e.at()
	}
	if at.After(u.poweredOn[i].at) {
		u.poweredOn[i].at = at
	}
}

// powerOnSlack is how much earlier than its switching on a radio's fix may be dated: its clock
// and the gateway's need not agree.
const powerOnSlack = time.Minute

// whySetAside is why a fix is not judged, whatever its place: for its time.
func (u *unitTimeline) whySetAside(e *fixlog.Entry) geo.Exclusion {
	switch {
	case e.Doubted:
		return e.Why
	case e.Origin.Clock != deviceClock:
		return geo.Judged
	}
	for _, o := range u.poweredOn {
		if o.device == e.Origin.Device && e.Own.At.Before(o.at.Add(-powerOnSlack)) {
			return incident.BeforeOn
		}
	}
	return ""
}
