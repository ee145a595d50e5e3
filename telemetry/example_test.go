package telemetry_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
)

// A dispatcher who corrects when a unit arrived leaves one arrival in the series: the
// old one is marked, and no figure counts it.
func ExamplePoints() {
	call := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	key := incident.Milestone{Name: incident.OnScene, Unit: "damkar-1", At: call.Add(14 * time.Minute), Evidence: incident.ByKey, Report: "r1"}
	corrected := key
	corrected.At, corrected.Evidence, corrected.Report = call.Add(11*time.Minute), incident.ByDispatcher, "a7"
	about := incident.Update{Incident: "i7", Category: "fire", ReceivedAt: call, Unit: "damkar-1", Agency: "damkar"}
	first, second := about, about
	first.Kind, first.Milestone = incident.UpdateMilestone, &key
	second.Kind, second.Before, second.Milestone = incident.UpdateCorrected, &key, &corrected
	for _, u := range []incident.Update{first, second} {
		for _, p := range telemetry.Points(u) {
			fmt.Println(u.Kind, p.Time.Format(time.TimeOnly), p.Tag("milestone"), p.Tag("evidence"), "superseded", p.Superseded())
		}
	}
	// Output:
	// milestone 09:14:00 on_scene key superseded false
	// corrected 09:14:00 on_scene key superseded true
	// corrected 09:11:00 on_scene dispatcher superseded false
}
