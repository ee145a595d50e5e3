package analysis

import (
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
)

// teller takes an interval that one would expect and that was not measured; p is nil
// for what belongs to no unit, since is when it began, where it still runs.
type teller func(p *part, interval *definition, why Reason, since time.Time)

// absent tells of every interval that an incident's milestones make one expect and
// that was not measured.
func (r *Record) absent(c *call, plan sop.Plan, tell teller) {
	for _, d := range r.inOrder {
		// An SOP clock is expected only where the procedure sets its limit.
		if d.SOP && plan.Limit(sop.ClockName(d.Interval), c.category) <= 0 {
			continue
		}
		switch {
		case d.end == "":
			r.repeating(c, d, tell)
		case d.PerUnit:
			for i := range c.parts {
				p := &c.parts[i]
				if p.reached.has(incident.Dispatched) && c.measured(p.unit, d.Interval) == 0 {
					why, since := reason(d, &p.reached, c)
					tell(p, d, why, since)
				}
			}
		case !r.ofParts() && c.measured("", d.Interval) == 0:
			why, since := reason(d, &c.reached, c)
			tell(nil, d, why, since)
		}
	}
}

// measured is when an interval of a unit ended last, in nanoseconds since 1970; 0
// when it never did.
func (c *call) measured(unit string, interval sop.IntervalName) int64 {
	var last int64
	for i := range c.samples {
		if s := &c.samples[i]; !s.superseded && s.unit == unit && s.interval == interval {
			last = max(last, s.ended)
		}
	}
	return last
}

// reason says why an expected interval was not measured. Its end can still come
// while the incident is open, the unit is on it, and nothing later was reached.
func reason(d *definition, way *reached, c *call) (why Reason, since time.Time) {
	start := way[d.startAt]
	if d.start == incident.Received {
		start = c.reached[d.startAt]
	}
	passed := false // the end, or a later stage
	for i := d.endAt; stages[i] != incident.Closed; i++ {
		passed = passed || way[i].known
	}
	switch {
	case d.PerUnit && !way.onIt() && !passed:
		return TakenOff, since
	case !c.reached.has(incident.Closed) && !passed:
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
// end that have not ended: its last run began where the one before it ended.
func (r *Record) repeating(c *call, d *definition, tell teller) {
	switch {
	case c.reached.has(incident.Closed):
	case d.PerUnit:
		for i := range c.parts {
			p := &c.parts[i]
			here := p.reached.at(incident.OnScene)
			if !here.known || p.reached.has(incident.Completed) || !p.reached.onIt() {
				continue
			}
			since := max(here.at, p.reached.at(incident.InProgress).at, c.measured(p.unit, d.Interval))
			tell(p, d, StillOpen, time.Unix(0, since).UTC())
		}
	case !r.ofParts():
		var since int64
		switch sop.ClockName(d.Interval) {
		case sop.Monitoring:
			since = max(c.measured("", d.Interval), c.reached.at(incident.Dispatched).at)
		case sop.Closing:
			since = c.allDone()
		}
		if since != 0 {
			tell(nil, d, StillOpen, time.Unix(0, since).UTC())
		}
	}
}

// allDone is when the last of the units was completed, in nanoseconds since 1970; 0
// while one is still at work.
func (c *call) allDone() int64 {
	var last int64
	for i := range c.parts {
		way := &c.parts[i].reached
		done := way.at(incident.Completed)
		if !done.known && way.onIt() {
			return 0
		}
		last = max(last, done.at)
	}
	return last
}

// clocks tells whether an end of an interval was told by a clock that is known to
// be wrong, and whether its ends were told by two clocks.
func (r *Record) clocks(c *call, s *sample) (unsure, mixed bool) {
	d := r.defined[s.interval]
	if d == nil {
		return false, false
	}
	way := &c.reached
	if p := c.part(s.unit); p != nil {
		way = &p.reached
	}
	var start, end mark
	if d.startAt >= 0 {
		start = way[d.startAt]
	}
	if d.endAt >= 0 {
		end = way[d.endAt]
	}
	if d.start == incident.Received {
		start = c.reached[d.startAt]
	}
	if d.Interval == sop.IntervalName(sop.Closing) {
		start, end = c.reached.at(incident.Completed), c.reached.at(incident.Closed)
	}
	return start.unsure || end.unsure, start.known && end.known && start.byDevice != end.byDevice
}
