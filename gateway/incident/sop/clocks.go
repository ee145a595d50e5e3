package sop

import (
	"time"
)

// Clocks returns the state of every clock of the incident that has started, at
// the given moment: the clocks of each unit in the order they were sent, then
// those of the whole incident. Of a repeating clock it is the run that matters
// now: the running one, or the last when it has ended.
func (p Plan) Clocks(c Course, now time.Time) []Clock {
	p = p.At(c.ReceivedAt)
	var out []Clock
	p.eachClock(c, func(_ int, runs []run, limit time.Duration) {
		if len(runs) > 0 {
			out = append(out, p.judge(runs[len(runs)-1], limit, now))
		}
	})
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
	// cut is why the run stopped without the report that it waited for, empty when
	// the report came or may still come.
	cut Cut
}

// taker takes the runs of a clock that has a limit.
type taker func(runs []run, limit time.Duration)

// eachClock gives the runs of every clock that has a limit, with how often its unit
// was sent by then, from 1; 0 for a clock of the whole incident.
func (p Plan) eachClock(c Course, take func(sent int, runs []run, limit time.Duration)) {
	sent := map[string]int{}
	for _, u := range c.Units {
		sent[u.Unit]++
		p.unitClocks(c, u, func(runs []run, limit time.Duration) { take(sent[u.Unit], runs, limit) })
	}
	p.incidentClocks(c, func(runs []run, limit time.Duration) { take(0, runs, limit) })
}

func (p Plan) unitClocks(c Course, u UnitCourse, take taker) {
	p.limited(c, OnSceneUpdate, onSceneRuns(c, u), take)
	p.limited(c, ProgressUpdate, progressRuns(c, u), take)
}

func (p Plan) incidentClocks(c Course, take taker) {
	p.limited(c, Monitoring, monitoringRuns(c), take)
	p.limited(c, Closing, closingRuns(c), take)
	p.limited(c, WholeFlow, wholeFlowRuns(c), take)
}

// limited gives the runs of a clock that has a limit. What was cut off within it is no
// run: nobody knows whether the report would have come in time.
func (p Plan) limited(c Course, name ClockName, runs []run, take taker) {
	limit := p.Limit(name, c.Category)
	if limit <= 0 {
		return
	}
	if n := len(runs); n > 0 && runs[n-1].cut != "" && runs[n-1].stop.Sub(runs[n-1].start) <= limit {
		runs = runs[:n-1]
	}
	take(runs, limit)
}

func (p Plan) judge(r run, limit time.Duration, now time.Time) Clock {
	due := r.start.Add(limit)
	at := now
	if !r.stop.IsZero() {
		at = r.stop
	}
	clock := Clock{
		Name: r.name, Unit: r.unit, StartedAt: r.start, DueAt: due, StoppedAt: r.stop, Ended: r.cut,
		RemainingS: due.Sub(at).Seconds(),
	}
	used := at.Sub(r.start)
	switch {
	case used < 0 && !r.stop.IsZero():
		clock.State = Contradictory
	case used > limit:
		clock.State = Breached
	case !r.stop.IsZero():
		clock.State = Met
	case p.WarnAt > 0 && used >= time.Duration(float64(limit)*p.WarnAt):
		clock.State = Warning
	default:
		clock.State = Running
	}
	return clock
}

// cutOff is when and why a unit's part is over without the report that a clock waits
// for: it was taken off, or the incident ended.
func cutOff(c Course, u UnitCourse) (at time.Time, why Cut) {
	switch {
	case !u.Ended.IsZero() && u.EndedBy != "":
		return u.Ended, u.EndedBy
	case !u.Ended.IsZero():
		return u.Ended, CutReleased
	case !c.ClosedAt.IsZero() && c.Cancelled:
		return c.ClosedAt, CutCancelled
	case !c.ClosedAt.IsZero():
		return c.ClosedAt, CutClosed
	}
	return time.Time{}, ""
}

// onSceneRuns: dispatched → the unit's first on-scene report, or until there can be
// none any more.
func onSceneRuns(c Course, u UnitCourse) []run {
	switch {
	case u.Dispatched.IsZero():
		return nil
	case !u.OnScene.IsZero():
		return []run{{name: OnSceneUpdate, unit: u.Unit, start: u.Dispatched, stop: u.OnScene}}
	}
	at, why := cutOff(c, u)
	return []run{{OnSceneUpdate, u.Unit, u.Dispatched, at, why}}
}

// progressRuns: on scene, then each report of progress → the next, or the
// completion. What a unit reports after it completed is no progress any more.
func progressRuns(c Course, u UnitCourse) []run {
	if u.OnScene.IsZero() {
		return nil
	}
	var runs []run
	start, done := u.OnScene, u.Completed.After(u.OnScene)
	for _, at := range u.Progress {
		if at.After(start) && (!done || at.Before(u.Completed)) {
			runs = append(runs, run{name: ProgressUpdate, unit: u.Unit, start: start, stop: at})
			start = at
		}
	}
	switch {
	case done:
		runs = append(runs, run{name: ProgressUpdate, unit: u.Unit, start: start, stop: u.Completed})
	case u.Completed.IsZero():
		at, why := cutOff(c, u)
		runs = append(runs, run{ProgressUpdate, u.Unit, start, at, why})
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
			runs = append(runs, run{name: Monitoring, start: start, stop: at})
			start = at
		}
	}
	if c.ClosedAt.IsZero() || c.ClosedAt.After(start) {
		runs = append(runs, run{name: Monitoring, start: start, stop: c.ClosedAt})
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
	return []run{{name: Closing, start: last, stop: c.ClosedAt}}
}

// wholeFlowRuns: received → closed.
func wholeFlowRuns(c Course) []run {
	if c.ReceivedAt.IsZero() {
		return nil
	}
	return []run{{name: WholeFlow, start: c.ReceivedAt, stop: c.ClosedAt}}
}
