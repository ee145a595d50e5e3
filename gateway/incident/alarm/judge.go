package alarm

import (
	"slices"
	"strconv"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// Standing returns the alarms that an incident's course gives rise to as of now,
// each as it stands: neither KnownAt nor a step is set. It is a pure function.
func Standing(p sop.Plan, incident string, c sop.Course, now time.Time) []journal.Alarm {
	var out []journal.Alarm
	for _, r := range p.Runs(c) {
		breached := r.Passed(r.DueAt, now)
		if !r.WarnAt.IsZero() && r.Passed(r.WarnAt, now) {
			a := of(incident, c, r, journal.AlarmWarning, r.WarnAt)
			if breached {
				a.State, a.StoppedAt = journal.AlarmBreached, time.Time{}
			}
			out = append(out, a)
		}
		if breached {
			out = append(out, of(incident, c, r, journal.AlarmBreach, r.DueAt))
		}
	}
	return out
}

// ID names an alarm: the same run of the same clock always has the same id.
func ID(incident string, r sop.Run, kind string) string {
	return "w" + journal.Digest(incident, string(r.Name), r.Unit, strconv.Itoa(r.Sent), strconv.Itoa(r.Occurrence), kind)
}

func of(incident string, c sop.Course, r sop.Run, kind string, at time.Time) journal.Alarm {
	a := journal.Alarm{
		ID: ID(incident, r, kind), Kind: kind, State: journal.AlarmRaised, Incident: incident,
		Clock: string(r.Name), Unit: r.Unit, Sent: r.Sent, Occurrence: r.Occurrence,
		At: at, StartedAt: r.StartedAt, DueAt: r.DueAt, LimitS: r.Limit.Seconds(), StoppedAt: r.StoppedAt,
		SeenAt: seen(c, at),
	}
	if !r.StoppedAt.IsZero() && r.Ended == "" { // what ended without its report was never answered
		a.State = journal.AlarmAnswered
	}
	return a
}

// seen is the first act of a dispatcher on the incident at or after a time.
func seen(c sop.Course, at time.Time) time.Time {
	for _, review := range c.Reviews {
		if !review.Before(at) {
			return review
		}
	}
	if !c.ClosedAt.IsZero() && !c.ClosedAt.Before(at) {
		return c.ClosedAt
	}
	return time.Time{}
}

// Next is when the course alone, without anything being reported, gives rise to
// another alarm; zero when it never does.
func Next(p sop.Plan, c sop.Course, now time.Time) time.Time {
	var next time.Time
	for _, r := range p.Runs(c) {
		if !r.StoppedAt.IsZero() {
			continue
		}
		for _, at := range []time.Time{r.WarnAt, r.DueAt} {
			if !at.IsZero() && !at.Before(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// underSameLimits leaves out the clocks of which alarms were recorded under another limit
// than the plan has now: when a procedure is said to have changed before, alarms of
// incidents that were closed by then are not judged again.
func underSameLimits(p sop.Plan, c sop.Course, recorded, standing []journal.Alarm) (sameRecorded, sameStanding []journal.Alarm) {
	p = p.At(c.ReceivedAt)
	other := map[string]bool{}
	for _, a := range recorded {
		if p.Limit(sop.ClockName(a.Clock), c.Category).Seconds() != a.LimitS {
			other[a.Clock] = true
		}
	}
	judgedOtherwise := func(a journal.Alarm) bool { return other[a.Clock] }
	return slices.DeleteFunc(slices.Clone(recorded), judgedOtherwise), slices.DeleteFunc(slices.Clone(standing), judgedOtherwise)
}

// Steps are what has changed between the alarms as they were recorded last and
// those that stand now. Warnings whose time is over, and anything about an
// incident that was over before its clocks were ever judged, are not raised
// afterwards.
func Steps(recorded, standing []journal.Alarm, closed bool, now time.Time) []journal.Alarm {
	before := make(map[string]journal.Alarm, len(recorded))
	for _, a := range recorded {
		before[a.ID] = a
	}
	var out []journal.Alarm
	for _, a := range standing {
		was, had := before[a.ID]
		delete(before, a.ID)
		a.Step, a.KnownAt = was.Step+1, now
		switch {
		case !had && (closed || a.Kind == journal.AlarmWarning && a.State != journal.AlarmRaised):
			continue
		case !had || was.State == journal.AlarmWithdrawn:
			a.Change = journal.AlarmRaised
		case was.State != a.State:
			a.Change = a.State
		case !was.At.Equal(a.At):
			a.Change = "moved"
		case was.SeenAt.IsZero() && !a.SeenAt.IsZero():
			a.Change = "seen"
		default:
			continue
		}
		out = append(out, a)
	}
	for _, a := range recorded {
		if _, gone := before[a.ID]; gone && a.State != journal.AlarmWithdrawn {
			a.Step, a.KnownAt, a.Change, a.State = a.Step+1, now, journal.AlarmWithdrawn, journal.AlarmWithdrawn
			out = append(out, a)
		}
	}
	return out
}
