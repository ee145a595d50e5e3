package sop_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
)

// sentUnit is an incident with one unit, sent after one minute; change alters both.
func sentUnit(change func(c *sop.Course, u *sop.UnitCourse)) sop.Course {
	c := sop.Course{ReceivedAt: minute(0), DispatchedAt: minute(1), Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(1)}}}
	change(&c, &c.Units[0])
	return c
}

// ofUnit are the measured runs of the unit's two clocks, in minutes, "!" when over.
func ofUnit(p sop.Plan, c sop.Course) string {
	var out []string
	for _, iv := range p.Intervals(c) {
		if name := sop.ClockName(iv.Name); name != sop.OnSceneUpdate && name != sop.ProgressUpdate {
			continue
		}
		text := fmt.Sprintf("%s %g-%g", iv.Name, iv.From.Sub(start).Minutes(), iv.To.Sub(start).Minutes())
		if !iv.Within {
			text += "!"
		}
		if iv.Ended != "" {
			text += " " + string(iv.Ended)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// TestEndWithoutReport: a clock that is cut off over its limit stays breached, whatever
// ended it; one that is cut off within it was never measured.
func TestEndWithoutReport(t *testing.T) {
	t.Parallel()
	closed := func(m float64) func(*sop.Course, *sop.UnitCourse) {
		return func(c *sop.Course, _ *sop.UnitCourse) { c.ClosedAt = minute(m) }
	}
	gone := func(m float64, why sop.Cut) func(*sop.Course, *sop.UnitCourse) {
		return func(c *sop.Course, u *sop.UnitCourse) { u.Ended, u.EndedBy, c.ClosedAt = minute(m), why, minute(90) }
	}
	there := func(at float64, then func(*sop.Course, *sop.UnitCourse), progress ...float64) func(*sop.Course, *sop.UnitCourse) {
		return func(c *sop.Course, u *sop.UnitCourse) {
			u.OnScene = minute(at)
			for _, p := range progress {
				u.Progress = append(u.Progress, minute(p))
			}
			then(c, u)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*sop.Course, *sop.UnitCourse)
		want   string
		state  sop.State // of on_scene_update; empty: no such clock
	}{
		{"closed, never there", closed(51), "on_scene_update 1-51! closed", sop.Breached},
		{"closed at the very limit", closed(11), "", ""},
		{"closed a second past it", closed(11 + 1.0/60), "on_scene_update 1-11.016666666666667! closed", sop.Breached},
		{"released late", gone(20, sop.CutReleased), "on_scene_update 1-20! released", sop.Breached},
		{"released in time", gone(9, sop.CutReleased), "", ""},
		{"moved late", gone(12, sop.CutMoved), "on_scene_update 1-12! moved", sop.Breached},
		{"silent for 46 minutes", there(5, closed(51)), "on_scene_update 1-5, progress_update 5-51! closed", sop.Met},
		{"silent after a report", there(5, closed(51), 9), "on_scene_update 1-5, progress_update 5-9, progress_update 9-51! closed", sop.Met},
		{"closed soon after a report", there(5, closed(15), 9), "on_scene_update 1-5, progress_update 5-9", sop.Met},
		{"silent, then released", there(5, gone(40, sop.CutReleased)), "on_scene_update 1-5, progress_update 5-40! released", sop.Met},
		{"silent, then moved in time", there(5, gone(15, sop.CutMoved)), "on_scene_update 1-5", sop.Met},
		{"arrived late and then closed", there(30, closed(35)), "on_scene_update 1-30!", sop.Breached},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			course, plan := sentUnit(c.change), sop.DefaultPlan()
			if got := ofUnit(plan, course); got != c.want {
				t.Errorf("intervals %q, want %q", got, c.want)
			}
			clock := find(plan.Clocks(course, minute(500)), sop.OnSceneUpdate, "a")
			if c.state == "" && clock != nil || c.state != "" && (clock == nil || clock.State != c.state) {
				t.Errorf("clock %+v, want %q", clock, c.state)
			}
			runs := 0
			for _, r := range plan.Runs(course) {
				if r.Unit == "a" {
					runs++
				}
			}
			if want := len(strings.Split(c.want, ", ")); c.want != "" && runs != want || c.want == "" && runs != 0 {
				t.Errorf("%d runs of %q", runs, c.want)
			}
		})
	}
}

// TestProgressAfterCompleted: a key after the completion neither begins nor ends a run.
func TestProgressAfterCompleted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		completed float64
		progress  []float64
		want      string
	}{
		{13, []float64{40}, "on_scene_update 1-5, progress_update 5-13"},
		{13, []float64{8, 40, 60}, "on_scene_update 1-5, progress_update 5-8, progress_update 8-13"},
		{13, []float64{13}, "on_scene_update 1-5, progress_update 5-13"},
		{13, nil, "on_scene_update 1-5, progress_update 5-13"},
	} {
		course := sentUnit(func(cc *sop.Course, u *sop.UnitCourse) {
			u.OnScene, u.Completed, cc.ClosedAt = minute(5), minute(c.completed), minute(70)
			for _, p := range c.progress {
				u.Progress = append(u.Progress, minute(p))
			}
		})
		if got := ofUnit(sop.DefaultPlan(), course); got != c.want {
			t.Errorf("completed %v, progress %v: %q, want %q", c.completed, c.progress, got, c.want)
		}
	}
}

// TestDeskClocksEnd: a review after the closing is none, and a unit that was taken off
// keeps nobody from closing.
func TestDeskClocksEnd(t *testing.T) {
	t.Parallel()
	c := sentUnit(func(c *sop.Course, u *sop.UnitCourse) {
		u.OnScene, u.Completed = minute(5), minute(12)
		c.Units = append(c.Units, sop.UnitCourse{Unit: "b", Dispatched: minute(2), Ended: minute(6), EndedBy: sop.CutReleased})
		c.Reviews = []time.Time{minute(2), minute(8), minute(30)}
		c.ClosedAt = minute(13)
	})
	var got []string
	for _, iv := range sop.DefaultPlan().Intervals(c) {
		if name := sop.ClockName(iv.Name); name == sop.Monitoring || name == sop.Closing {
			got = append(got, fmt.Sprintf("%s %g-%g", iv.Name, iv.From.Sub(start).Minutes(), iv.To.Sub(start).Minutes()))
		}
	}
	if want := "[monitoring 1-2 monitoring 2-8 monitoring 8-13 closing 12-13]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestCancelledHasNoIntervals(t *testing.T) {
	t.Parallel()
	c := sentUnit(func(c *sop.Course, u *sop.UnitCourse) {
		c.ClosedAt, c.Cancelled, u.OnScene = minute(40), true, minute(9)
	})
	if got := sop.DefaultPlan().Intervals(c); len(got) > 0 {
		t.Errorf("a false alarm is measured: %+v", got)
	}
	if clock := find(sop.DefaultPlan().Clocks(c, minute(60)), sop.ProgressUpdate, "a"); clock == nil || clock.Ended != sop.CutCancelled {
		t.Errorf("the silence before it is forgotten: %+v", clock)
	}
}

// TestPlanOfTheCall: each incident is judged by what held at its call.
func TestPlanOfTheCall(t *testing.T) {
	t.Parallel()
	at := func(limit time.Duration, from time.Time) sop.Plan {
		return sop.Plan{ValidFrom: from, Limits: map[sop.ClockName]time.Duration{sop.OnSceneUpdate: limit}}
	}
	p := at(10*time.Minute, time.Time{})
	p.Categories = sop.DefaultPlan().Categories
	p.Later = []sop.Plan{at(8*time.Minute, minute(100)), at(0, minute(200))}
	for _, c := range []struct{ call, limitS float64 }{{0, 600}, {99, 600}, {100, 480}, {199, 480}, {200, 0}} {
		course := sop.Course{ReceivedAt: minute(c.call), DispatchedAt: minute(c.call), Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(c.call), OnScene: minute(c.call + 9)}}}
		limit := 0.0
		for _, iv := range p.Intervals(course) {
			if iv.Name == sop.IntervalName(sop.OnSceneUpdate) {
				if limit = iv.LimitS; iv.Within != (limit == 600) {
					t.Errorf("call at %v: %+v", c.call, iv)
				}
			}
		}
		if limit != c.limitS || len(p.Runs(course)) != len(p.Clocks(course, minute(900))) {
			t.Errorf("call at %v: judged by %v s", c.call, limit)
		}
	}
	if !p.At(minute(150)).Knows("fire") {
		t.Error("later limits have lost the categories")
	}
}

// TestNoLimitNoVerdict: without a limit the JSON says neither what it is nor that it was
// kept.
func TestNoLimitNoVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		iv   sop.Interval
		want string
	}{
		{sop.Interval{Name: sop.Travel, From: minute(0), To: minute(1), Within: true}, `"to":"2026-11-23T03:01:00Z"}`},
		{sop.Interval{Name: sop.Travel, From: minute(0), To: minute(1), LimitS: 60, Within: true}, `"limit_s":60,"within":true}`},
		{sop.Interval{Name: sop.Travel, From: minute(0), To: minute(2), LimitS: 60, Ended: sop.CutClosed}, `"limit_s":60,"ended":"closed","within":false}`},
		{sop.Interval{Name: sop.Travel, From: minute(1), To: minute(0), Contradictory: true}, `"contradictory":true}`},
	} {
		b, err := json.Marshal(c.iv)
		if err != nil || !strings.HasSuffix(string(b), c.want) || c.iv.LimitS == 0 && strings.Contains(string(b), "within") {
			t.Errorf("%s, %v, want …%s", b, err, c.want)
		}
		var back sop.Interval
		if err := json.Unmarshal(b, &back); err != nil || fmt.Sprint(back) != fmt.Sprint(c.iv) {
			t.Errorf("%+v comes back as %+v, %v", c.iv, back, err)
		}
	}
}
