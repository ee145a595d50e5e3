package procedure_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/incident/sop"
)

// The file gave ten minutes for the first report; since the tenth of November it gives eight.
func ExampleInTime() {
	within := func(limit time.Duration) sop.Plan {
		return sop.Plan{Limits: map[sop.ClockName]time.Duration{sop.OnSceneUpdate: limit}}
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	plan := procedure.InTime([]procedure.Seen{{At: day(1), Plan: within(10 * time.Minute)}, {At: day(10), Plan: within(8 * time.Minute)}})
	fmt.Println(plan.At(day(9)).Limits[sop.OnSceneUpdate], plan.At(day(11)).Limits[sop.OnSceneUpdate])
	// Output: 10m0s 8m0s
}
