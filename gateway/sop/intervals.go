package sop

import "time"

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
	return p.finished(out, c.Category, wholeFlowRuns(c))
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
