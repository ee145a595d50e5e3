package alarm_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident/alarm"
	"htgateway/gateway/incident/sop"
)

// A dispatcher is warned while the team can still be asked, and warned again when the limit
// has passed.
func ExampleStanding() {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	course := sop.Course{ReceivedAt: at, DispatchedAt: at, Units: []sop.UnitCourse{{Unit: "damkar-1", Dispatched: at}}}
	for _, minutes := range []time.Duration{7, 9, 11} {
		now := at.Add(minutes * time.Minute)
		for _, a := range alarm.Standing(sop.DefaultPlan(), "i1", course, now) {
			if a.Clock == string(sop.OnSceneUpdate) {
				fmt.Println(now.Format("15:04"), a.Unit, a.Kind, a.State, "due", a.DueAt.Format("15:04"))
			}
		}
	}
	// Output:
	// 09:09 damkar-1 warning raised due 09:10
	// 09:11 damkar-1 warning breached due 09:10
	// 09:11 damkar-1 breach raised due 09:10
}
