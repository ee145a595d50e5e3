package tracker_test

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// A call, an order and a pressed key are applied, and the updates say what changed.
func ExampleTracker() {
	t := tracker.New(incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	})
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, e := range []incident.Event{
		{Act: &incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at}}},
		{Act: &incident.Act{ID: "a2", Kind: incident.ActDispatch, Incident: "i1", At: at.Add(time.Minute), Units: []string{"damkar-1"}}},
		{Report: &devices.Report{ID: "r1", Device: "fleetsync:102-1001", Kind: devices.KindStatus, Status: devices.StatusOnScene, ReceivedAt: at.Add(14 * time.Minute)}},
	} {
		for _, u := range t.Apply(e) {
			if u.Kind == incident.UpdateMilestone {
				fmt.Println(u.Milestone.At.Format(time.TimeOnly), u.Milestone.Name, u.Milestone.Unit, u.Milestone.Evidence)
			}
		}
	}
	// Output:
	// 09:00:00 received  dispatcher
	// 09:01:00 dispatched damkar-1 dispatcher
	// 09:14:00 on_scene damkar-1 key
}
