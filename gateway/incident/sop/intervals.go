package sop

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"htgateway/geo"
)

// Intervals returns every interval whose two ends are known: the six that
// emergency services everywhere measure, and each finished run of an SOP clock
// under the clock's name. An interval with a missing end is missing, never zero.
// One whose end stands before its start is returned with Contradictory set, so
// that it is counted as left out instead of vanishing.
//
// A clock whose report can no longer come, because the unit was taken off or the
// incident closed, is measured up to that moment where it was over its limit by then,
// with Ended set: closing does not wash off a breach. A cancelled incident is in no
// figure, so it has no interval.
func (p Plan) Intervals(c Course) []Interval {
	if c.Cancelled {
		return nil
	}
	p = p.At(c.ReceivedAt)
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
	finished := func(runs []run, limit time.Duration) {
		for _, r := range runs {
			if !r.stop.IsZero() {
				iv := interval(IntervalName(r.name), r.unit, r.start, r.stop, limit)
				iv.Ended = r.cut
				out = append(out, iv)
			}
		}
	}
	for _, u := range c.Units {
		add(Turnout, u.Unit, u.Dispatched, u.EnRoute)
		add(Travel, u.Unit, u.EnRoute, u.OnScene)
		add(Response, u.Unit, c.ReceivedAt, u.OnScene)
		add(OnSceneTime, u.Unit, u.OnScene, u.Completed)
		p.unitClocks(c, u, finished)
	}
	p.incidentClocks(c, finished)
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

func interval(name IntervalName, unit string, from, to time.Time, limit time.Duration) Interval {
	length := to.Sub(from)
	return Interval{
		Name: name, Unit: unit, From: from, To: to, LimitS: limit.Seconds(),
		Within: length >= 0 && (limit <= 0 || length <= limit), Contradictory: length < 0,
	}
}

// MarshalJSON leaves out "within" where there is no limit to keep.
func (i Interval) MarshalJSON() ([]byte, error) {
	type plain Interval
	out := struct {
		plain
		Within *bool `json:"within,omitempty"`
	}{plain: plain(i)}
	if i.LimitS > 0 {
		out.Within = &i.Within
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Interval) UnmarshalJSON(b []byte) error {
	type plain Interval
	read := plain{Within: true}
	if err := json.Unmarshal(b, &read); err != nil {
		return fmt.Errorf("cannot read an interval: %w", err)
	}
	if *i = Interval(read); i.LimitS <= 0 {
		i.Within = !i.Contradictory
	}
	return nil
}
