package tracker

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// fixesInADay is how many fixes a unit tells that tells one each five minutes.
const fixesInADay = 288

// keptUp is the n-th report of a unit that was out of reach for a day and now tells its
// whole day within a minute with all the others, as the journal has it.
func keptUp(b *testing.B, unit, n int) *devices.Report {
	at := dayBegan.Add(time.Duration(n) * 5 * time.Minute)
	received := dayBegan.Add(24*time.Hour + time.Duration(n*manyUnits+unit)*200*time.Microsecond)
	east, north := math.Sincos(float64(unit) + float64(n)/20)
	degrees := func(v float64) float64 { return math.Round(v*1e7) / 1e7 }
	body, err := json.Marshal(&devices.Report{
		ID: journal.Digest(fmt.Sprint(unit), fmt.Sprint(n)), Device: deviceOf(unit), Protocol: devices.OwnTracks, Link: "phones",
		Kind: devices.KindPosition, ReceivedAt: received, DeviceTime: at, Fix: &geo.Fix{
			Point: [2]float64{degrees(centre[0] + east/10), degrees(centre[1] + north/10)}, Time: at,
			AccuracyM: geo.Measured(float64(4 + n%9)), SpeedMPS: geo.Measured(math.Round(50+40*north) / 10),
			CourseDeg: geo.Measured(float64((n * 7) % 360)), AltitudeM: geo.Measured(float64(140 + n%30)),
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	r := new(devices.Report)
	if err := json.Unmarshal(body, r); err != nil {
		b.Fatal(err)
	}
	return r
}

// BenchmarkHeapOfADay is what a thousand units' day of fixes takes in memory, when they
// tell it within a minute.
func BenchmarkHeapOfADay(b *testing.B) {
	live := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		t := worstDay()
		before := live()
		for n := range fixesInADay {
			for unit := range manyUnits {
				t.Apply(incident.Event{Report: keptUp(b, unit, n)})
			}
		}
		b.ReportMetric((live()-before)/(fixesInADay*manyUnits), "B/fix")
		runtime.KeepAlive(t)
	}
}
