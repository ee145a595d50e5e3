package sop_test

import (
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
)

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func minute(m float64) time.Time { return start.Add(time.Duration(m * float64(time.Minute))) }

func find(clocks []sop.Clock, name sop.ClockName, unit string) *sop.Clock {
	for i := range clocks {
		if clocks[i].Name == name && clocks[i].Unit == unit {
			return &clocks[i]
		}
	}
	return nil
}

func TestClocks(t *testing.T) {
	t.Parallel()
	sent := sop.Course{ReceivedAt: minute(0), DispatchedAt: minute(1), Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(1)}}}
	there, progress, done, closed := sent, sent, sent, sent
	there.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(9)}}
	progress.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(9), Progress: []time.Time{minute(15)}}}
	done.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(9), Completed: minute(20)}}
	closed.Units, closed.ClosedAt = done.Units, minute(21)
	off := sent
	off.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), Ended: minute(3)}}
	half := sent
	half.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(9), Completed: minute(20)}, {Unit: "b", Dispatched: minute(1)}}
	reviewed := sent
	reviewed.Reviews = []time.Time{minute(1), minute(8)}
	offAndDone := sent
	offAndDone.Units = []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(9), Completed: minute(20)}, {Unit: "b", Dispatched: minute(1), Ended: minute(4)}}
	late := closed
	late.Reviews = []time.Time{minute(1), minute(15), minute(30)}
	for _, c := range []struct {
		name   string
		course sop.Course
		now    float64
		clock  sop.ClockName
		unit   string
		state  sop.State // empty: no such clock
		left   float64
	}{
		{"runs from the dispatch", sent, 3, sop.OnSceneUpdate, "a", sop.Running, 480},
		{"warns at eighty percent", sent, 9, sop.OnSceneUpdate, "a", sop.Warning, 120},
		{"breaches after ten minutes", sent, 12, sop.OnSceneUpdate, "a", sop.Breached, -60},
		{"is not breached at the very limit", sent, 11, sop.OnSceneUpdate, "a", sop.Warning, 0},
		{"is met by the arrival", there, 50, sop.OnSceneUpdate, "a", sop.Met, 120},
		{"ends with the unit's part", off, 50, sop.OnSceneUpdate, "a", "", 0},
		{"progress runs from the arrival", there, 12, sop.ProgressUpdate, "a", sop.Running, 420},
		{"progress starts again at a report", progress, 20, sop.ProgressUpdate, "a", sop.Running, 300},
		{"progress ends with the completion", done, 40, sop.ProgressUpdate, "a", sop.Breached, -60},
		{"no progress before arrival", sent, 12, sop.ProgressUpdate, "a", "", 0},
		{"monitoring runs from the dispatch", sent, 4, sop.Monitoring, "", sop.Running, 420},
		{"monitoring starts again at a review", reviewed, 12, sop.Monitoring, "", sop.Running, 360},
		{"closing runs from the last completion", done, 21, sop.Closing, "", sop.Running, 60},
		{"closing waits for every unit", half, 21, sop.Closing, "", "", 0},
		{"closing does not wait for who was taken off", offAndDone, 21, sop.Closing, "", sop.Running, 60},
		{"a review after closing is none", late, 60, sop.Monitoring, "", sop.Met, 240},
		{"closing is met", closed, 60, sop.Closing, "", sop.Met, 60},
		{"whole flow is 107 minutes", sent, 7, sop.WholeFlow, "", sop.Running, 6000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := find(sop.DefaultPlan().Clocks(c.course, minute(c.now)), c.clock, c.unit)
			switch {
			case c.state == "" && got != nil:
				t.Fatalf("%+v", *got)
			case c.state != "" && (got == nil || got.State != c.state || got.RemainingS != c.left):
				t.Fatalf("%+v", got)
			}
		})
	}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	p := sop.DefaultPlan()
	p.Targets = map[sop.IntervalName]time.Duration{sop.Turnout: time.Minute}
	got := map[sop.IntervalName]sop.Interval{}
	for _, iv := range p.Intervals(sop.Course{
		ReceivedAt: minute(0), DispatchedAt: minute(1), ClosedAt: minute(40),
		Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), EnRoute: minute(2.5), OnScene: minute(12), Completed: minute(11)}},
	}) {
		got[iv.Name] = iv
	}
	for name, want := range map[sop.IntervalName]float64{
		sop.CallProcessing: 60, sop.Turnout: 90, sop.Travel: 570, sop.Response: 720, sop.OnSceneTime: -60, sop.Total: 2400,
		sop.IntervalName(sop.OnSceneUpdate): 660, sop.IntervalName(sop.WholeFlow): 2400,
	} {
		if iv, has := got[name]; !has || iv.Seconds() != want {
			t.Errorf("%s: %+v, want %v s", name, iv, want)
		}
	}
	if got[sop.Turnout].Within || got[sop.IntervalName(sop.OnSceneUpdate)].Within || !got[sop.Travel].Within {
		t.Errorf("judged wrongly: %+v", got)
	}
	if iv := got[sop.OnSceneTime]; !iv.Contradictory || iv.Within {
		t.Errorf("completed before arrival: %+v", iv)
	}
}

func TestSkippedStageGivesNoInterval(t *testing.T) {
	t.Parallel()
	for _, iv := range sop.DefaultPlan().Intervals(sop.Course{
		ReceivedAt: minute(0), DispatchedAt: minute(1), Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(1), OnScene: minute(12)}},
	}) {
		if iv.Name == sop.Turnout || iv.Name == sop.Travel || iv.Name == sop.OnSceneTime {
			t.Errorf("made up %+v", iv)
		}
	}
}

func TestCategoryLimit(t *testing.T) {
	t.Parallel()
	p := sop.DefaultPlan()
	p.CategoryLimits = map[string]map[sop.ClockName]time.Duration{"health": {sop.OnSceneUpdate: 8 * time.Minute}}
	course := sop.Course{Category: "health", ReceivedAt: minute(0), DispatchedAt: minute(1), Units: []sop.UnitCourse{{Unit: "a", Dispatched: minute(1)}}}
	if got := find(p.Clocks(course, minute(10)), sop.OnSceneUpdate, "a"); got.State != sop.Breached {
		t.Fatalf("%+v", got)
	}
}
