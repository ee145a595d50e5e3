package incident

import (
	"fmt"
	"slices"
	"time"

	"htgateway/gateway/sop"
)

// Course reduces an incident to the times that the SOP's clocks need.
func (t *Tracker) Course(id string) (sop.Course, bool) {
	f := t.files[id]
	if f == nil || f.opening == nil {
		return sop.Course{}, false
	}
	return t.course(f), true
}

func (t *Tracker) course(f *file) sop.Course {
	c := sop.Course{Category: f.opening.Category, ReceivedAt: f.receivedAt(), Reviews: f.reviews}
	if m := f.current[Closed]; m != nil {
		c.ClosedAt = m.At
	}
	for _, a := range t.parts(f) {
		c.Units = append(c.Units, a.course())
		if at := a.at(Dispatched); c.DispatchedAt.IsZero() || at.Before(c.DispatchedAt) {
			c.DispatchedAt = at
		}
	}
	return c
}

// parts are all units' parts in an incident, in the order they were sent.
func (t *Tracker) parts(f *file) []*assignment {
	var out []*assignment
	for _, id := range f.units {
		u := t.teams[id]
		if u == nil {
			continue
		}
		for _, a := range u.assignments {
			if a.incident == f.id {
				out = append(out, a)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *assignment) int {
		return mark{a.from, a.unit}.compare(mark{b.from, b.unit})
	})
	return out
}

func (a *assignment) at(name MilestoneName) time.Time {
	if m := a.current[name]; m != nil {
		return m.At
	}
	return time.Time{}
}

func (a *assignment) course() sop.UnitCourse {
	c := sop.UnitCourse{
		Unit: a.unit, Dispatched: a.at(Dispatched), Acknowledged: a.at(Acknowledged),
		EnRoute: a.at(EnRoute), OnScene: a.at(OnScene), Completed: a.at(Completed),
	}
	if a.ended == endReleased || a.ended == endMoved {
		c.Ended = a.until
	}
	for _, p := range a.progress {
		c.Progress = append(c.Progress, p.At)
	}
	slices.SortFunc(c.Progress, time.Time.Compare)
	return c
}

// measure tells which intervals of an incident became measurable or changed.
func (t *Tracker) measure(f *file) []Update {
	if f == nil || f.opening == nil {
		return nil
	}
	now := map[string]sop.Interval{}
	var order []string
	count := map[string]int{}
	for _, iv := range t.settings.Plan.Intervals(t.course(f)) {
		base := string(iv.Name) + "/" + iv.Unit
		count[base]++
		key := fmt.Sprintf("%s/%d", base, count[base])
		now[key] = iv
		order = append(order, key)
	}
	for key := range f.intervals {
		if _, still := now[key]; !still {
			order = append(order, key)
		}
	}
	slices.Sort(order)
	var out []Update
	for _, key := range order {
		before, had := f.intervals[key]
		after, has := now[key]
		if had && has && equal(before, after) {
			continue
		}
		out = append(out, t.intervalUpdate(f, key, before, had, after, has))
	}
	f.intervals = now
	return out
}

func (t *Tracker) intervalUpdate(f *file, key string, before sop.Interval, had bool, after sop.Interval, has bool) Update {
	subject := after
	if !has {
		subject = before
	}
	up := t.about(UpdateInterval, f.id, t.teams[subject.Unit], subject.To, "")
	up.ID = updateID(UpdateInterval, f.id, key, stamp(after.From), stamp(after.To), stamp(before.From), stamp(before.To))
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
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.LimitS == b.LimitS && a.Within == b.Within
}
