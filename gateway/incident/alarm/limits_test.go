package alarm

import (
	"slices"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
)

// TestClosedIsNotJudgedAgain: alarms of an incident that is closed stay as they were raised,
// whatever the procedure is said to have been by now.
func TestClosedIsNotJudgedAgain(t *testing.T) {
	t.Parallel()
	within := func(limit time.Duration) sop.Plan {
		return sop.Plan{Limits: map[sop.ClockName]time.Duration{sop.OnSceneUpdate: limit}, WarnAt: 0.8}
	}
	course := onScene(14)
	raised := Steps(nil, Standing(within(10*time.Minute), "i1", course, minute(15)), false, minute(15))
	course.ClosedAt, course.Reviews = minute(20), []time.Time{minute(14.5)}
	raised = append(raised, Steps(raised, Standing(within(10*time.Minute), "i1", course, minute(21)), true, minute(21))...)
	if len(raised) == 0 {
		t.Fatal("nothing was raised")
	}
	for _, plan := range []sop.Plan{within(20 * time.Minute), within(2 * time.Minute), {}} {
		recorded, standing := underSameLimits(plan, course, slices.Clone(raised), Standing(plan, "i1", course, minute(30)))
		if steps := Steps(recorded, standing, true, minute(30)); len(steps) > 0 {
			t.Errorf("limit %s: %+v", plan.Limits[sop.OnSceneUpdate], steps)
		}
	}
	corrected := course
	corrected.Units = slices.Clone(course.Units)
	corrected.Units[0].OnScene = minute(5)
	plan := within(10 * time.Minute)
	recorded, standing := underSameLimits(plan, corrected, raised, Standing(plan, "i1", corrected, minute(30)))
	if steps := Steps(recorded, standing, true, minute(30)); len(steps) == 0 {
		t.Error("a correction under the same limits takes nothing back")
	}
}
