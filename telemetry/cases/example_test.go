package cases_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// Two milestones of a call are points of a series; as a case they are a few bytes, and
// say the same.
func ExampleOf() {
	call := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	about := incident.Update{Kind: incident.UpdateMilestone, Incident: "i7", Category: "fire", ReceivedAt: call}
	received, arrived := about, about
	received.Milestone = &incident.Milestone{Name: incident.Received, At: call, Evidence: incident.ByDispatcher}
	arrived.Unit, arrived.Agency = "damkar-1", "damkar"
	arrived.Milestone = &incident.Milestone{Name: incident.OnScene, Unit: "damkar-1", At: call.Add(14 * time.Minute), Evidence: incident.ByKey}
	made, found := cases.Of(append(telemetry.Points(received), telemetry.Points(arrived)...))
	packed := made.Pack()

	var u cases.Unpacker
	var c cases.Case
	err := u.Unpack(packed, &c)
	fmt.Println(found, len(packed) < 100, err)
	for _, m := range c.Milestones {
		fmt.Println(c.Incident, m.Name, c.Teams[m.Team].Unit, m.Evidence, time.Duration(m.At-c.Received.UnixNano()))
	}
	// Output:
	// true true <nil>
	// i7 received  dispatcher 0s
	// i7 on_scene damkar-1 key 14m0s
}
