package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
)

// When a device's clock is known well enough to correct its times: by so many agreeing reports,
// when it is off by more than a report's way may take, and by less than a clock that was never
// set.
const (
	correctAgree = 8
	correctFrom  = 5 * time.Second
	correctTo    = 24 * time.Hour
)

// shiftOf is what a device's times are corrected by: how far its clock is known to be behind,
// in whole seconds, 0 where that is not known or small.
func (u *unitTimeline) shiftOf(device devices.Identity) time.Duration {
	for i := range u.clocks {
		if c := &u.clocks[i]; c.device == device {
			if least, agree := c.least(); agree >= correctAgree && least.Abs() > correctFrom && least.Abs() < correctTo {
				return least.Round(time.Second)
			}
		}
	}
	return 0
}

// clockDoubt is how far a device's time may differ from when it was heard while little is known
// of its clock: beyond, it was either kept for a while or is wrong.
const clockDoubt = time.Minute

// unsure tells whether a device's time may be wrong by what is known of its clock: it was never
// heard at once with the right time, and now at another.
func (u *unitTimeline) unsure(e observation, way *fixlog.Origin, at time.Time) bool {
	heard := e.Known.At
	if e.statement != nil {
		heard = e.statement.received
	} else if way.Away {
		return false // when the site heard it is not kept
	}
	if way.Clock != deviceClock || way.Shift != 0 || heard.Sub(at).Abs() <= clockDoubt {
		return false
	}
	for i := range u.clocks {
		if c := &u.clocks[i]; c.device == way.Device && c.n > 0 {
			least, _ := c.least()
			return least.Abs() > correctFrom
		}
	}
	return true
}

// deviceTime is what a device's own clock said, also when that was not believed because it lay
// in the future; false when the event does not stand by such a time.
func (e observation) deviceTime() (time.Time, bool) {
	switch {
	case e.statement != nil:
		return e.statement.said, !e.statement.said.IsZero()
	case e.Origin.Clock == deviceClock:
		return e.Own.At.Add(-e.Origin.Shift), true
	case e.Doubted && e.Why == incident.FromFuture:
		return e.Fix.Time, !e.Fix.Time.IsZero()
	}
	return time.Time{}, false
}

// setRight gives an event its own time by what is known of its device's clock now.
func (u *unitTimeline) setRight(e observation) {
	said, is := e.deviceTime()
	if !is {
		return
	}
	if e.Origin.Shift == 0 && !e.Doubted && e.Known.At.Sub(said).Abs() <= correctFrom {
		return // whatever the clock was, it is right now
	}
	shift := u.shiftOf(e.Origin.Device)
	way := *e.Origin
	at, believed := said.Add(shift), true
	if doubt(at, e.Known.At) == incident.FromFuture {
		at, believed, shift = e.Known.At, false, 0
	}
	if way.Shift = shift; believed {
		way.Clock = deviceClock
	} else {
		way.Clock = gatewayClock
	}
	way.Unsure = u.unsure(e, &way, at)
	if unmoved := shift == 0 && e.Origin.Shift == 0; unmoved {
		if way.Unsure != e.Origin.Unsure {
			way.Clock = e.Origin.Clock
			e.Origin = u.origins.same(way)
		}
		return // it stands as it was heard
	}
	e.Origin = u.origins.same(way)
	if e.statement != nil {
		if e.Own.At, e.statement.stamp = at, at; shift == 0 && believed {
			e.Own.At = ownTime(at, e.Known.At)
		}
		return
	}
	e.Own.At = at
	if e.Doubted = !believed; e.Doubted {
		e.Why = incident.FromFuture
	} else if e.Why == incident.FromFuture {
		e.Why = ""
	}
}

// places are where an event may stand by its own time: as it was heard, and as its device's
// clock was corrected for others.
func (u *unitTimeline) places(e observation) []orderKey {
	out := []orderKey{e.Own}
	if e.act != nil {
		return out
	}
	said, is := e.deviceTime()
	if !is {
		return out
	}
	for _, way := range u.origins.list {
		if way.Device == e.Origin.Device && way.Shift != 0 {
			if at := keyAt(said.Add(way.Shift), e.Own.ID); !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	return out
}

// mayBe is between which times a key was pressed, as far as its clock can be believed: near
// its time where the clock's offset is known, else up to when it was received.
func (u *unitTimeline) mayBe(e observation) (from, to time.Time) {
	at := e.at()
	switch {
	case e.Origin.Clock == gatewayClock:
		return at, at
	case e.Origin.Shift != 0:
		return at.Add(-clockSpread), at.Add(clockSpread)
	case e.Origin.Clock == deviceClock:
		if off, known := u.offset(e.Origin.Device).Value(); known {
			right := at.Add(time.Duration(off * float64(time.Second)))
			if right.Before(at) {
				at, right = right, at
			}
			return at.Add(-clockSpread), right.Add(clockSpread)
		}
	}
	if known := e.Known.At; known.Before(at) {
		return known, at
	}
	return at, e.Known.At
}

// alertOutside tells the dispatcher of an arrival or completion that falls into no assignment,
// where its clock may be off by so much that it belongs into one.
func (u *unitTimeline) alertOutside(t *Tracker, e observation) []incident.Update {
	if !e.pressed(devices.StatusOnScene) && !e.pressed(devices.StatusCompleted) {
		return nil
	}
	from, to := u.mayBe(e)
	for i := len(u.assignments) - 1; i >= 0; i-- {
		p := u.assignments[i]
		if !p.until.IsZero() && p.until.Before(from) {
			return nil
		}
		if p.from.After(to) {
			continue
		}
		p = u.writable(i)
		p.alert("key_outside", e.when(), "tombol "+string(e.statement.status)+" di luar penugasan; jamnya mungkin salah / "+string(e.statement.status)+" key falls outside of the assignment; its clock may be wrong")
		return u.rejudge(t, p, e)
	}
	return nil
}
