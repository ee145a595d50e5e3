package geo_test

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"htgateway/geo"
)

// A unit has arrived when it has stayed inside for the dwell, by its first slow fix
// there.
func ExampleStay() {
	rule, area := geo.DefaultArrivalRule(), geo.Circle(orb.Point{108.2274, -6.8364}, 100)
	stay := geo.NewStay(&rule, &area)
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	for i, lat := range []float64{-6.8400, -6.8366, -6.8365, -6.8365} {
		f := geo.Fix{Point: orb.Point{108.2274, lat}, SpeedMPS: geo.Measured(1)}
		stay.Feed(&f, at.Add(time.Duration(i)*20*time.Second), fmt.Sprint("report ", i))
	}
	a := stay.Arrived()
	fmt.Println(a.At.Format(time.TimeOnly), a.By, a.ProvenBy)
	// Output: 09:14:20 report 1 report 3
}
