package tracker

import (
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// The most that a device's clock may be ahead of the gateway's, and the earliest
// time that any device can mean: outside, its time is not believed and the
// time of reception stands in, with the clock named.
const maxAhead = 2 * time.Minute

var earliestTime = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Names of the clocks that a time may come from.
const (
	deviceClock  = "device"
	gatewayClock = "gateway"
)

// gpsWeeks is how many weeks a receiver's ten-bit week number counts, after which
// an old receiver is 1024 weeks behind (IS-GPS-200, 20.3.3.3.1.1).
const gpsWeeks = 1024 * 7 * 24 * time.Hour

// doubt is why a device's time cannot be believed, empty when it can.
func doubt(t, receivedAt time.Time) geo.Exclusion {
	switch {
	case t.After(receivedAt.Add(maxAhead)):
		return incident.FromFuture
	case !t.Before(earliestTime):
		return ""
	case receivedAt.Sub(t.Add(gpsWeeks)).Abs() < 24*time.Hour:
		return incident.WeekRollover
	}
	return incident.NeverSet
}

// pressTime is when a key was pressed, and by whose clock.
func pressTime(r *devices.Report) (time.Time, string) {
	t := r.DeviceTime
	untrusted := r.Fix != nil && r.Fix.NoLock
	if t.IsZero() || untrusted || doubt(t, r.ReceivedAt) != "" {
		return r.ReceivedAt, receiversClock(r)
	}
	return t, clockOf(r)
}

// ownTime is where a press stands among other events. A device that tells whole
// seconds means some instant of that second: one whose report is here within it was
// pressed by then, and not before the second's other events that are known more
// finely, such as the order that the key answers.
func ownTime(at, receivedAt time.Time) time.Time {
	if after := receivedAt.Sub(at); at.Nanosecond() == 0 && after > 0 && after < time.Second {
		return receivedAt
	}
	return at
}

// siteAgrees is how far the clock of an edge site may differ from the centre's, in
// seconds, to count as one with it.
const siteAgrees = 2

// siteAhead is how far the clock of the edge site that received a report was ahead of the
// centre's, 0 where nobody knows it and where the two agree.
func siteAhead(r *devices.Report) time.Duration {
	ahead, known := r.SiteClockS.Value()
	if r.Site == "" || !known || ahead >= -siteAgrees && ahead <= siteAgrees {
		return 0
	}
	return time.Duration(ahead * float64(time.Second)).Round(time.Millisecond)
}

// bySiteClock is a report with its reception corrected by what is known of the site's clock. It
// was received before the centre had it.
func bySiteClock(r *devices.Report) *devices.Report {
	ahead := siteAhead(r)
	if ahead == 0 {
		return r
	}
	c := *r
	if c.ReceivedAt = r.ReceivedAt.Add(-ahead); !c.ArrivedAt.IsZero() && c.ReceivedAt.After(c.ArrivedAt) {
		c.ReceivedAt = c.ArrivedAt
	}
	return &c
}

// receiversClock is whose clock a time of reception was read off: the gateway's, or
// that of an edge site which does not agree with it.
func receiversClock(r *devices.Report) string {
	if ahead, known := r.SiteClockS.Value(); r.Site == "" || known && ahead >= -siteAgrees && ahead <= siteAgrees {
		return gatewayClock
	}
	return "site " + r.Site
}

// clockOf is whose clock a report's time was read off: a mesh's gateway may have
// stamped it on the way.
func clockOf(r *devices.Report) string {
	if strings.HasPrefix(r.ClockNote, devices.ClockMeshGateway) {
		return devices.ClockMeshGateway
	}
	return deviceClock
}

// fixTime is when a fix was taken, by whose clock, and why it is set aside if its
// time cannot be believed.
func fixTime(r *devices.Report) (time.Time, string, geo.Exclusion) {
	t := r.Fix.Time
	if t.IsZero() {
		t = r.DeviceTime
	}
	if t.IsZero() {
		return r.ReceivedAt, receiversClock(r), ""
	}
	if why := doubt(t, r.ReceivedAt); why != "" {
		return r.ReceivedAt, receiversClock(r), why
	}
	return t, clockOf(r), ""
}

// How a clock's offset is estimated: from the newest reports, as the smallest
// difference between reception and device time (reports that waited on the way
// have a larger one), when enough of them agree with it.
const (
	clockReports = 48
	clockAgree   = 5
	clockSpread  = 2 * time.Second
)

// clock keeps the newest differences between reception and device time.
type clock struct {
	device      devices.Identity
	differences [clockReports]time.Duration
	n           int
}

// note adds a difference between reception and device time.
func (c *clock) note(d time.Duration) {
	c.differences[c.n%clockReports] = d
	c.n++
}

func (c *clock) offset() geo.Reading {
	least, agree := c.least()
	if agree < clockAgree {
		return geo.Reading{}
	}
	return geo.Measured(least.Seconds())
}

// least is the smallest of the differences, and how many agree with it.
func (c *clock) least() (least time.Duration, agree int) {
	kept := c.differences[:min(c.n, clockReports)]
	if len(kept) == 0 {
		return 0, 0
	}
	least = kept[0]
	for _, d := range kept {
		least = min(least, d)
	}
	for _, d := range kept {
		if d-least <= clockSpread {
			agree++
		}
	}
	return least, agree
}

// judgedTime is when a report was made, as far as its times can be believed: for which unit its
// device spoke is decided by it.
func judgedTime(r *devices.Report) time.Time {
	if r.HasLiveFix() && r.Status == "" && !r.Emergency {
		at, _, _ := fixTime(r)
		return at
	}
	at, _ := pressTime(r)
	return at
}

// WhenOf is when a report with a fix stands by its own time, as the tracker believes
// it, and when the gateway knew of it.
func WhenOf(r *devices.Report) (own, known time.Time) {
	r = bySiteClock(r)
	own, _, _ = fixTime(r)
	return own, r.KnownAt()
}
