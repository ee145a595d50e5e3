package tracker_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/simulation/year"
	"htgateway/geo"
)

// BenchmarkYears folds a busy county's year of a hundred thousand incidents with few
// fixes, in two halves: an act must not cost more for the history behind it. Then it
// asks what a page and a desk ask all day. Making the year is in the times.
func BenchmarkYears(b *testing.B) {
	plan := sop.DefaultPlan()
	made, err := year.New(year.Settings{
		Seed: 1, From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Incidents: 100_000, Fixes: 100_000, Units: 120,
		Categories: plan.Categories, Villages: []year.Village{{District: "Majalengka", Point: orb.Point{108.2274, -6.8364}}, {District: "Kadipaten", Point: orb.Point{108.1714, -6.7652}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tr := tracker.New(incident.Settings{Roster: made.Roster(), Plan: plan, Arrival: geo.DefaultArrivalRule()})
		var took [2]time.Duration
		var events [2]int
		week, began := 0, time.Now()
		for of := range made.Weeks() {
			for _, e := range of {
				tr.Apply(e)
			}
			half := min(week/26, 1)
			events[half] += len(of)
			took[half] += time.Since(began)
			week, began = week+1, time.Now()
		}
		b.ReportMetric(float64(took[0].Microseconds())/float64(events[0]), "µs/event-first-half")
		b.ReportMetric(float64(took[1].Microseconds())/float64(events[1]), "µs/event-second-half")
		timed := func(what string, f func()) {
			began := time.Now()
			f()
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/"+what)
		}
		timed("open", func() { tr.Open() })
		timed("newest-200", func() { tr.Find(func(incident.Call) bool { return true }, 200) })
		timed("find-none", func() { tr.Find(func(c incident.Call) bool { return c.ExternalID == "x" }, 0) })
		timed("open-alerts", func() { tr.OpenAlerts() })
		timed("units", func() { tr.Units() })
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/100_000/1000, "kB/incident")
		runtime.KeepAlive(tr)
	}
}
