package analysis

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
)

// absent tells of every interval that the milestones make one expect and that was
// not measured; since is when it began, where it still runs.
func (r *Record) absent(plan sop.Plan, tell func(p part, agency string, interval sop.IntervalName, why Reason, since time.Time)) {
	measured := map[part]map[sop.IntervalName]int64{} // when each ended last
	for _, s := range r.samples {
		if s.superseded {
			continue
		}
		if measured[s.part] == nil {
			measured[s.part] = map[sop.IntervalName]int64{}
		}
		measured[s.part][s.interval] = max(measured[s.part][s.interval], s.ended)
	}
	// An SOP clock is expected only where the procedure sets its limit.
	judged := func(d Definition, c *call) bool {
		return !d.SOP || plan.Limit(sop.ClockName(d.Interval), c.category) > 0
	}
	for _, d := range Definitions() {
		switch {
		case d.end == "":
			r.repeating(d.Interval, measured, judged, d, tell)
		case d.PerUnit:
			for p, way := range r.parts {
				c := r.calls[p.incident]
				if _, done := measured[p][d.Interval]; !done && way.reached.has(incident.Dispatched) && judged(d, c) {
					why, since := reason(d, &way.reached, c)
					tell(p, way.agency, d.Interval, why, since)
				}
			}
		default:
			for id, c := range r.calls {
				p := part{id, ""}
				if _, done := measured[p][d.Interval]; !done && judged(d, c) && !r.ofParts() {
					why, since := reason(d, &c.reached, c)
					tell(p, "", d.Interval, why, since)
				}
			}
		}
	}
}

// reason says why an expected interval was not measured. Its end can still come
// while the incident is open, the unit is on it, and nothing later was reached.
func reason(d Definition, way *reached, c *call) (why Reason, since time.Time) {
	start := way.at(d.start)
	if d.start == incident.Received {
		start = c.reached.at(incident.Received)
	}
	passed := false // the end, or a later stage
	for i := slices.Index(stages, d.end); stages[i] != incident.Closed; i++ {
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
func (r *Record) repeating(name sop.IntervalName, measured map[part]map[sop.IntervalName]int64, judged func(Definition, *call) bool,
	d Definition, tell func(part, string, sop.IntervalName, Reason, time.Time)) {
	if !d.PerUnit {
		r.repeatingWhole(name, measured, judged, d, tell)
		return
	}
	for p, way := range r.parts {
		c := r.calls[p.incident]
		here := way.reached.at(incident.OnScene)
		if c.reached.has(incident.Closed) || !judged(d, c) || !here.known || way.reached.has(incident.Completed) || !way.reached.onIt() {
			continue
		}
		since := max(here.at, way.reached.at(incident.InProgress).at, measured[p][name])
		tell(p, way.agency, name, StillOpen, time.Unix(0, since).UTC())
	}
}

func (r *Record) repeatingWhole(name sop.IntervalName, measured map[part]map[sop.IntervalName]int64, judged func(Definition, *call) bool,
	d Definition, tell func(part, string, sop.IntervalName, Reason, time.Time)) {
	if r.ofParts() {
		return
	}
	at := r.atWork()
	for id, c := range r.calls {
		if c.reached.has(incident.Closed) || !judged(d, c) {
			continue
		}
		p := part{id, ""}
		var since int64
		switch sop.ClockName(name) {
		case sop.Monitoring:
			since = max(measured[p][name], c.reached.at(incident.Dispatched).at)
		case sop.Closing:
			since = allDone(at[id])
		}
		if since != 0 {
			tell(p, "", name, StillOpen, time.Unix(0, since).UTC())
		}
	}
}

// atWork are the units' parts in every incident that is not closed.
func (r *Record) atWork() map[string][]*progress {
	out := map[string][]*progress{}
	for p, way := range r.parts {
		if !r.calls[p.incident].reached.has(incident.Closed) {
			out[p.incident] = append(out[p.incident], way)
		}
	}
	return out
}

// allDone is when the last of these parts was completed, in nanoseconds since
// 1970; 0 while one is still at work.
func allDone(parts []*progress) int64 {
	var last int64
	for _, way := range parts {
		done := way.reached.at(incident.Completed)
		if !done.known && way.reached.onIt() {
			return 0
		}
		last = max(last, done.at)
	}
	return last
}

// clocks tells whether an end of an interval was told by a clock that is known to
// be wrong, and whether its ends were told by two clocks.
func (r *Record) clocks(s sample) (unsure, mixed bool) {
	d, known := r.defined[s.interval]
	c := r.calls[s.incident]
	if !known || c == nil {
		return false, false
	}
	way := &c.reached
	if p := r.parts[s.part]; p != nil {
		way = &p.reached
	}
	start, end := way.at(d.start), way.at(d.end)
	if d.start == incident.Received {
		start = c.reached.at(incident.Received)
	}
	if d.Interval == sop.IntervalName(sop.Closing) {
		start, end = c.reached.at(incident.Completed), c.reached.at(incident.Closed)
	}
	return start.unsure || end.unsure, start.known && end.known && start.byDevice != end.byDevice
}
