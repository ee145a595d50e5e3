package sop

import (
	"time"
)

// Clocks returns the state of every clock of the incident that has started, at
// the given moment: the clocks of each unit in the order they were sent, then
// those of the whole incident. Of a repeating clock it is the run that matters
// now: the running one, or the last when it has ended.
func (p Plan) Clocks(c Course, now time.Time) []Clock {
	var out []Clock
	add := func(runs []run) {
		if len(runs) > 0 {
			out = p.judge(out, c.Category, runs[len(runs)-1], now)
		}
	}
	for _, u := range c.Units {
		add(onSceneRuns(c, u))
		add(progressRuns(c, u))
	}
	add(monitoringRuns(c))
	add(closingRuns(c))
	add(wholeFlowRuns(c))
	return out
}

// Limit is the clock's limit for a category; 0 means that it is not judged.
func (p Plan) Limit(name ClockName, category string) time.Duration {
	if limit, own := p.CategoryLimits[category][name]; own {
		return limit
	}
	return p.Limits[name]
}

// run is one run of a clock: from its start to its stop, or still going.
type run struct {
	name  ClockName
	unit  string
	start time.Time
	stop  time.Time
}

func (p Plan) judge(out []Clock, category string, r run, now time.Time) []Clock {
	limit := p.Limit(r.name, category)
	if limit <= 0 {
		return out
	}
	due := r.start.Add(limit)
	at := now
	if !r.stop.IsZero() {
		at = r.stop
	}
	clock := Clock{
		Name: r.name, Unit: r.unit, StartedAt: r.start, DueAt: due, StoppedAt: r.stop,
		RemainingS: due.Sub(at).Seconds(),
	}
	used := at.Sub(r.start)
	switch {
	case used > limit:
		clock.State = Breached
	case !r.stop.IsZero():
		clock.State = Met
	case p.WarnAt > 0 && used >= time.Duration(float64(limit)*p.WarnAt):
		clock.State = Warning
	default:
		clock.State = Running
	}
	return append(out, clock)
}

// ended is when a unit's part is over without the milestone that a clock waits
// for: it was taken off, or the incident was closed.
func ended(c Course, u UnitCourse) time.Time {
	if u.Ended.IsZero() {
		return c.ClosedAt
	}
	return u.Ended
}

// onSceneRuns: dispatched → the unit's first on-scene report. A unit that was
// taken off before it arrived has no such clock left.
func onSceneRuns(c Course, u UnitCourse) []run {
	if u.Dispatched.IsZero() || u.OnScene.IsZero() && !ended(c, u).IsZero() {
		return nil
	}
	return []run{{OnSceneUpdate, u.Unit, u.Dispatched, u.OnScene}}
}

// progressRuns: on scene, then each report of progress → the next, or the
// completion.
func progressRuns(c Course, u UnitCourse) []run {
	if u.OnScene.IsZero() {
		return nil
	}
	var runs []run
	start := u.OnScene
	for _, at := range u.Progress {
		if at.After(start) {
			runs = append(runs, run{ProgressUpdate, u.Unit, start, at})
			start = at
		}
	}
	switch {
	case !u.Completed.IsZero():
		if u.Completed.After(start) {
			runs = append(runs, run{ProgressUpdate, u.Unit, start, u.Completed})
		}
	case ended(c, u).IsZero():
		runs = append(runs, run{ProgressUpdate, u.Unit, start, time.Time{}})
	}
	return runs
}

// monitoringRuns: dispatched, then each review → the next, until closed.
func monitoringRuns(c Course) []run {
	if c.DispatchedAt.IsZero() {
		return nil
	}
	var runs []run
	start := c.DispatchedAt
	for _, at := range c.Reviews {
		if at.After(start) && (c.ClosedAt.IsZero() || at.Before(c.ClosedAt)) {
			runs = append(runs, run{Monitoring, "", start, at})
			start = at
		}
	}
	if c.ClosedAt.IsZero() || c.ClosedAt.After(start) {
		runs = append(runs, run{Monitoring, "", start, c.ClosedAt})
	}
	return runs
}

// closingRuns: the last unit completed → closed. It runs only when every unit
// that was not taken off has completed.
func closingRuns(c Course) []run {
	var last time.Time
	for _, u := range c.Units {
		if u.Completed.IsZero() {
			if u.Ended.IsZero() {
				return nil
			}
			continue
		}
		if u.Completed.After(last) {
			last = u.Completed
		}
	}
	if last.IsZero() {
		return nil
	}
	return []run{{Closing, "", last, c.ClosedAt}}
}

// wholeFlowRuns: received → closed.
func wholeFlowRuns(c Course) []run {
	if c.ReceivedAt.IsZero() {
		return nil
	}
	return []run{{WholeFlow, "", c.ReceivedAt, c.ClosedAt}}
}
