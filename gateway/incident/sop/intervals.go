package sop

import (
	"math"
	"time"

	"htgateway/geo"
)

// Intervals returns every interval whose two ends are known: the six that
// emergency services everywhere measure, and each finished run of an SOP clock
// under the clock's name. An interval with a missing end is missing, never zero.
// One whose end stands before its start is returned with Contradictory set, so
// that it is counted as left out instead of vanishing.
func (p Plan) Intervals(c Course) []Interval {
	var out []Interval
	add := func(name IntervalName, unit string, from, to time.Time) {
		if from.IsZero() || to.IsZero() {
			return
		}
		limit := p.Targets[name]
		out = append(out, interval(name, unit, from, to, limit))
	}
	add(CallProcessing, "", c.ReceivedAt, c.DispatchedAt)
	add(Total, "", c.ReceivedAt, c.ClosedAt)
	for _, u := range c.Units {
		add(Turnout, u.Unit, u.Dispatched, u.EnRoute)
		add(Travel, u.Unit, u.EnRoute, u.OnScene)
		add(Response, u.Unit, c.ReceivedAt, u.OnScene)
		add(OnSceneTime, u.Unit, u.OnScene, u.Completed)
		out = p.finished(out, c.Category, onSceneRuns(c, u))
		out = p.finished(out, c.Category, progressRuns(c, u))
	}
	out = p.finished(out, c.Category, monitoringRuns(c))
	out = p.finished(out, c.Category, closingRuns(c))
	out = p.finished(out, c.Category, wholeFlowRuns(c))
	for i := range out {
		c.compareClocks(&out[i])
	}
	return out
}

// agreeWithinS is how far two clocks may differ to count as one, in seconds: a
// report's way over the radio is in the estimate.
const agreeWithinS = 5

// compareClocks says how the clocks of an interval's ends stand to each other.
func (c *Course) compareClocks(iv *Interval) {
	from, to := c.clockOf(iv.Unit, iv.From), c.clockOf(iv.Unit, iv.To)
	if from.Clock == to.Clock {
		return
	}
	a, knownA := from.OffsetS.Value()
	b, knownB := to.OffsetS.Value()
	iv.Clocks = UnknownClocks
	if !knownA || !knownB {
		return
	}
	iv.Clocks, iv.ClockGapS = Synchronised, geo.Measured(a-b)
	if math.Abs(a-b) > agreeWithinS {
		iv.Clocks = Unsynchronised
	}
}

// clockOf is the clock that a time was read off: the gateway's own unless a device's
// reading says otherwise. A time of the whole incident may be any unit's.
func (c *Course) clockOf(unit string, at time.Time) Reading {
	for _, r := range c.Clocks {
		if (unit == "" || r.Unit == unit) && r.At.Equal(at) {
			return r
		}
	}
	return Reading{OffsetS: geo.Measured(0)}
}

func (p Plan) finished(out []Interval, category string, runs []run) []Interval {
	for _, r := range runs {
		limit := p.Limit(r.name, category)
		if limit > 0 && !r.stop.IsZero() {
			out = append(out, interval(IntervalName(r.name), r.unit, r.start, r.stop, limit))
		}
	}
	return out
}

func interval(name IntervalName, unit string, from, to time.Time, limit time.Duration) Interval {
	length := to.Sub(from)
	return Interval{
		Name: name, Unit: unit, From: from, To: to, LimitS: limit.Seconds(),
		Within: length >= 0 && (limit <= 0 || length <= limit), Contradictory: length < 0,
	}
}
