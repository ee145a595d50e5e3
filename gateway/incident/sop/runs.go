package sop

import "time"

// Run is one run of a clock, by which an alarm about it is known again.
type Run struct {
	Name ClockName
	// Unit is empty for a clock of the whole incident. Sent counts how often the
	// unit was sent, from 1; 0 for the whole incident.
	Unit string
	Sent int
	// Occurrence counts the runs of this clock from 1: of a unit since it was sent,
	// else of the incident.
	Occurrence int
	StartedAt  time.Time
	// WarnAt is when the clock begins to warn, zero when it never does.
	WarnAt time.Time
	DueAt  time.Time
	Limit  time.Duration
	// StoppedAt is zero while the run goes on.
	StoppedAt time.Time
	// Ended is why it stopped without the report that it waited for; only a run that
	// was over its limit by then is one.
	Ended Cut
}

// Passed tells whether the run went on past a time, as of now.
func (r Run) Passed(at, now time.Time) bool {
	if !r.StoppedAt.IsZero() && r.StoppedAt.Before(now) {
		now = r.StoppedAt
	}
	return now.After(at)
}

// Runs returns every run of every clock that has a limit, finished or not.
func (p Plan) Runs(c Course) []Run {
	p = p.At(c.ReceivedAt)
	var out []Run
	p.eachClock(c, func(sent int, runs []run, limit time.Duration) {
		for i, r := range runs {
			one := Run{
				Name: r.name, Unit: r.unit, Sent: sent, Occurrence: i + 1,
				StartedAt: r.start, DueAt: r.start.Add(limit), Limit: limit, StoppedAt: r.stop, Ended: r.cut,
			}
			if p.WarnAt > 0 && p.WarnAt < 1 {
				one.WarnAt = r.start.Add(time.Duration(float64(limit) * p.WarnAt))
			}
			out = append(out, one)
		}
	})
	return out
}
