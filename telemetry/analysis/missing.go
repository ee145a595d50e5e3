package analysis

import (
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/cases"
)

// teller takes an interval that one would expect and that was not measured; p is nil
// for what belongs to no unit, interval is its place among the definitions, since is
// when it began, where it still runs.
type teller func(p *part, interval int, why Reason, since time.Time)

// absent tells of every interval that an incident's milestones make one expect and
// that was not measured. limits are those of its category, in order of the
// definitions.
func (c *call) absent(limits []time.Duration, tell teller) {
	for at, d := range definitions {
		// An SOP clock is expected only where the procedure sets its limit.
		if d.SOP && limits[at] <= 0 {
			continue
		}
		switch {
		case d.end == "":
			c.repeating(at, tell)
		case d.PerUnit:
			for i := range c.parts {
				p := &c.parts[i]
				if p.reached.has(stageDispatched) && c.measured(p.team, at) == 0 {
					why, since := c.reason(d, &p.reached)
					tell(p, at, why, since)
				}
			}
		case !c.ofParts && c.measured(c.noUnit, at) == 0:
			why, since := c.reason(d, &c.reached)
			tell(nil, at, why, since)
		}
	}
}

// reason says why an expected interval was not measured. Its end can still come
// while the incident is open, the unit is on it, and nothing later was reached.
func (c *call) reason(d *definition, way *reached) (why Reason, since time.Time) {
	start := way[d.startAt]
	if d.start == incident.Received {
		start = c.reached[d.startAt]
	}
	passed := false // the end, or a later stage
	for i := d.endAt; i != stageClosed; i++ {
		passed = passed || way[i].known
	}
	switch {
	case d.PerUnit && !way.onIt() && !passed:
		return TakenOff, since
	case !c.reached.has(stageClosed) && !passed:
		if start.known {
			since = start.time()
		}
		return StillOpen, since
	case !start.known && d.start != incident.Received:
		return NoStart, since
	}
	return NoEnd, since
}

// repeating tells of the runs of a clock without a milestone of its own at its
// end that no report has ended: its last run began where the one before it ended. One
// that was cut off over its limit was measured all the same.
func (c *call) repeating(at int, tell teller) {
	d := definitions[at]
	switch {
	case d.PerUnit:
		for i := range c.parts {
			p := &c.parts[i]
			here := &p.reached[stageOnScene]
			switch {
			case !here.known || p.reached.has(stageCompleted) || c.wasUnreported(p.team, at):
				continue
			case !p.reached.onIt():
				tell(p, at, TakenOff, time.Time{})
				continue
			case c.reached.has(stageClosed):
				tell(p, at, NoEnd, time.Time{})
				continue
			}
			since := max(here.at, p.reached[stageInProgress].at, c.measured(p.team, at))
			tell(p, at, StillOpen, time.Unix(0, since).UTC())
		}
	case !c.ofParts && !c.reached.has(stageClosed):
		var since int64
		switch sop.ClockName(d.Interval) {
		case sop.Monitoring:
			since = max(c.measured(c.noUnit, at), c.reached[stageDispatched].at)
		case sop.Closing:
			since = c.allDone()
		}
		if since != 0 {
			tell(nil, at, StillOpen, time.Unix(0, since).UTC())
		}
	}
}

// allDone is when the last of the units was completed, in nanoseconds since 1970; 0
// while one is still at work.
func (c *call) allDone() int64 {
	var last int64
	for i := range c.parts {
		way := &c.parts[i].reached
		done := &way[stageCompleted]
		if !done.known && way.onIt() {
			return 0
		}
		last = max(last, done.at)
	}
	return last
}

// clocks tells whether an end of an interval was timed by a clock that is known to
// be wrong, and whether its ends were timed by two clocks.
func (c *call) clocks(s *cases.Interval) (unsure, mixed bool) {
	at := definedAt(s)
	if at < 0 {
		return false, false
	}
	d, way := definitions[at], &c.reached
	if p := c.partOf[s.Team]; p >= 0 {
		way = &c.parts[p].reached
	}
	var start, end *mark
	if d.startAt >= 0 {
		start = &way[d.startAt]
	}
	if d.endAt >= 0 {
		end = &way[d.endAt]
	}
	if d.start == incident.Received {
		start = &c.reached[d.startAt]
	}
	if d.Interval == sop.IntervalName(sop.Closing) {
		start, end = &c.reached[stageCompleted], &c.reached[stageClosed]
	}
	unsure = start != nil && start.unsure || end != nil && end.unsure
	mixed = start != nil && end != nil && start.known && end.known && start.byDevice != end.byDevice
	return unsure, mixed
}
