package roster_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
)

// A radio that is bound at nine speaks for its unit from then on, and did so for the six hours
// before, in which it was nobody's.
func ExampleRoster() {
	nine := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	r := roster.New([]incident.Unit{{ID: "damkar-1"}, {ID: "psc-1"}})
	r.Apply(incident.Enrolment{ID: "e1", Kind: incident.EnrolBind, At: nine, Unit: "psc-1", Device: "fleetsync:102-1007"})
	r.Apply(incident.Enrolment{ID: "e2", Kind: incident.EnrolRelease, At: nine.Add(time.Hour), Unit: "psc-1", Device: "fleetsync:102-1007"})
	r.Apply(incident.Enrolment{ID: "e3", Kind: incident.EnrolBind, At: nine.Add(2 * time.Hour), Unit: "damkar-1", Device: "fleetsync:102-1007"})
	for _, b := range r.Bindings("fleetsync:102-1007") {
		fmt.Println(b.Unit, b.From.Format("15:04"), b.Until.IsZero())
	}
	fmt.Println(r.Owner("fleetsync:102-1007"))
	// Output:
	// psc-1 03:00 false
	// damkar-1 10:00 true
	// damkar-1
}
