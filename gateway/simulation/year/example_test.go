package year_test

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/simulation/year"
	"htgateway/geo"
)

// A year is folded week by week, as a tracker would have learned of it; with the same seed
// it is the same year, so that a figure that changed was changed by the program.
func ExampleYear_Weeks() {
	plan := sop.DefaultPlan()
	y, err := year.New(year.Settings{
		Seed: 7, From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Incidents: 200, Fixes: 4000, Units: 6, Categories: plan.Categories,
		Villages: []year.Village{{District: "Majalengka", Point: orb.Point{108.2274, -6.8364}}, {District: "Kadipaten", Point: orb.Point{108.171, -6.764}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var weeks, incidents, arrivals int
	for events := range y.Weeks() {
		tracker := tracker.New(incident.Settings{Roster: y.Roster(), Plan: plan, Arrival: geo.DefaultArrivalRule()})
		for _, e := range events {
			tracker.Apply(e)
		}
		weeks++
		for _, in := range tracker.Incidents() {
			incidents++
			for _, m := range in.Milestones {
				if m.Name == incident.OnScene {
					arrivals++
				}
			}
		}
	}
	fmt.Println(weeks, "weeks,", incidents, "incidents,", arrivals, "arrivals")
	// Output: 52 weeks, 200 incidents, 255 arrivals
}
