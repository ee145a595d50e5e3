package tracker

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// Course reduces an incident to the times that the SOP's clocks need.
func (t *Tracker) Course(id string) (sop.Course, bool) {
	f := t.incidents[id]
	if f == nil || f.opening == nil || f.mergedBy != nil {
		return sop.Course{}, false
	}
	return t.course(f), true
}

func (t *Tracker) course(f *incidentState) sop.Course {
	c := sop.Course{Category: f.opening.Category, ReceivedAt: t.calledAt(f), Reviews: f.reviews, Cancelled: f.status == statusCancelled}
	if m := f.current[incident.Closed]; m != nil {
		c.ClosedAt = m.At
	}
	for _, p := range t.assignments(f) {
		if p.incident() != f.id || p.neverBegan() {
			continue
		}
		c.Units = append(c.Units, p.course())
		c.Clocks = append(c.Clocks, p.readings()...)
		if at := p.at(incident.Dispatched); c.DispatchedAt.IsZero() || at.Before(c.DispatchedAt) {
			c.DispatchedAt = at
		}
	}
	return c
}

// calledAt is when the first call about the incident came.
func (t *Tracker) calledAt(f *incidentState) time.Time {
	if m := t.firstCall(f); m != nil {
		return m.At
	}
	return time.Time{}
}

// assignments are those of all units to an incident and its duplicates, in the order in which
// the units were sent.
func (t *Tracker) assignments(f *incidentState) []*assignment {
	var out []*assignment
	from, to := t.sentBetween(f)
	for _, id := range t.unitsOf(f) {
		u := t.timelines[id]
		if u == nil {
			continue
		}
		for _, p := range u.assignments[u.assignmentsFrom(from):] {
			if p.from.After(to) {
				break
			}
			if slices.Contains(p.path, f.id) {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *assignment) int {
		return keyAt(a.from, a.unit).Compare(keyAt(b.from, b.unit))
	})
	return out
}

func (r stageRecord) at(name incident.MilestoneName) time.Time {
	if m := r.current[name]; m != nil {
		return m.At
	}
	return time.Time{}
}

func (p *assignment) course() sop.UnitCourse {
	c := sop.UnitCourse{
		Unit: p.unit, Dispatched: p.at(incident.Dispatched), Acknowledged: p.at(incident.Acknowledged),
		EnRoute: p.at(incident.EnRoute), OnScene: p.at(incident.OnScene), Completed: p.at(incident.Completed),
	}
	if p.tookOff() {
		c.Ended, c.EndedBy = p.until, sop.Cut(p.ended)
	}
	for _, m := range p.progress {
		c.Progress = append(c.Progress, m.At)
	}
	slices.SortFunc(c.Progress, time.Time.Compare)
	return c
}

// readings say which of the assignment's times were read off a device's clock, and not
// corrected to the gateway's.
func (p *assignment) readings() []sop.Reading {
	var out []sop.Reading
	add := func(m *incident.Milestone) {
		switch {
		case m.Clock == gatewayClock, m.ClockCorrected:
		case m.Clock == deviceClock:
			out = append(out, sop.Reading{Unit: p.unit, At: m.At, Clock: string(m.Device), OffsetS: m.ClockOffsetS})
		default:
			out = append(out, sop.Reading{Unit: p.unit, At: m.At, Clock: m.Clock})
		}
	}
	for _, name := range stages {
		if m := p.current[name]; m != nil {
			add(m)
		}
	}
	for i := range p.progress {
		add(&p.progress[i])
	}
	return out
}

// measureTouched measures the incidents that updates are about, and those into which they
// were merged.
func (t *Tracker) measureTouched(updates []incident.Update, e incident.Event) []incident.Update {
	var touched []*incidentState
	touch := func(f *incidentState) {
		if !slices.Contains(touched, f) {
			touched = append(touched, f)
		}
	}
	for i := range updates {
		if f := t.incidents[updates[i].Incident]; f != nil && updates[i].Kind != incident.UpdateFix {
			touch(f)
		}
	}
	if e.Act != nil && t.incidents[e.Act.Incident] != nil { // a correction of the call has no other update
		touch(t.incidents[e.Act.Incident])
	}
	for _, f := range touched {
		for _, s := range t.survivors(f) {
			touch(s)
		}
	}
	slices.SortFunc(touched, func(a, b *incidentState) int { return strings.Compare(a.id, b.id) })
	known := keyOfEvent(&e)
	var out []incident.Update
	for _, f := range touched {
		out = append(out, t.emitCall(f, known.At)...)
		out = append(out, t.measure(f, known)...)
	}
	return out
}

// measure makes the updates about intervals of an incident that became measurable or changed
// by the event that is known at a time.
func (t *Tracker) measure(f *incidentState, known orderKey) []incident.Update {
	if f.opening == nil {
		return nil
	}
	var intervals []sop.Interval
	if f.mergedBy == nil { // a duplicate is measured where it survives
		intervals = slices.Clip(t.settings.Plan.Intervals(t.course(f)))
	}
	was, now := keyed(f.intervals), keyed(intervals)
	order := slices.Collect(maps.Keys(now))
	for key := range was {
		if _, still := now[key]; !still {
			order = append(order, key)
		}
	}
	slices.Sort(order)
	var out []incident.Update
	for _, key := range order {
		before, had := was[key]
		after, has := now[key]
		if had && has && equal(before, after) {
			continue
		}
		out = append(out, t.intervalUpdate(f, key, known, before, had, after, has))
	}
	f.intervals = intervals
	return out
}

// keyed names intervals by what they measure; those of one name and unit count from 1.
func keyed(intervals []sop.Interval) map[string]sop.Interval {
	out := make(map[string]sop.Interval, len(intervals))
	count := map[string]int{}
	for _, iv := range intervals {
		base := string(iv.Name) + "/" + iv.Unit + "/"
		count[base]++
		out[base+strconv.Itoa(count[base])] = iv
	}
	return out
}

// intervalUpdate makes the update about one interval. Its id tells apart that a value was
// reached again: an interval may go from one value to another, back, and there again, and a
// receiver leaves out what has an id that it has seen.
func (t *Tracker) intervalUpdate(f *incidentState, key string, known orderKey, before sop.Interval, had bool, after sop.Interval, has bool) incident.Update {
	subject := after
	if !has {
		subject = before
	}
	up := t.about(incident.UpdateInterval, f.id, t.timelines[subject.Unit], subject.To, "")
	up.KnownAt = known.At
	up.ID = updateID(incident.UpdateInterval, f.id, key, stamp(known.At), known.ID, stamp(after.From), stamp(after.To), stamp(before.From), stamp(before.To))
	if had {
		up.BeforeInterval = &before
	}
	if has {
		up.Interval = &after
	}
	return up
}

// equal compares two intervals by what they say; times are compared as moments.
func equal(a, b sop.Interval) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.LimitS == b.LimitS && a.Within == b.Within && a.Clocks == b.Clocks && a.Ended == b.Ended
}
