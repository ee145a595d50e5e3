package tracker

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"htgateway/gateway/incident"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"htgateway/devices"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// A county's worst day: a thousand units, a hundred open incidents.
const (
	manyUnits     = 1000
	manyIncidents = 100
)

var (
	dayBegan = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	centre   = orb.Point{108.2274, -6.8364}
)

// worstDay is a tracker with a hundred open incidents, each with one unit on it.
func worstDay() *Tracker {
	s := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()}
	for i := range manyUnits {
		s.Roster = append(s.Roster, incident.Unit{ID: fmt.Sprint(i), Devices: []devices.Identity{deviceOf(i)}})
	}
	t := New(s)
	for i := range manyIncidents {
		id, at := fmt.Sprintf("i%d", i), dayBegan.Add(time.Duration(i)*time.Second)
		place := orbgeo.PointAtBearingAndDistance(centre, float64(i)*3.6, 300*float64(i))
		t.Apply(incident.Event{Act: &incident.Act{ID: "open " + id, Kind: incident.ActOpen, Incident: id, At: at, Opening: &incident.Opening{
			Category: "fire", Location: &incident.Location{Lat: place[1], Lon: place[0]}, ReceivedAt: at,
		}}})
		t.Apply(incident.Event{Act: &incident.Act{ID: "send " + id, Kind: incident.ActDispatch, Incident: id, At: at.Add(time.Second), Units: []string{fmt.Sprint(i)}}})
	}
	return t
}

func deviceOf(i int) devices.Identity { return devices.Identity(fmt.Sprintf("fleetsync:100-%04d", i)) }

// patrol is the n-th fix of the day: every unit tells its place each 30 seconds and
// drives about its circle.
func patrol(n int) *devices.Report {
	unit, round := n%manyUnits, n/manyUnits
	at := dayBegan.Add(time.Hour + time.Duration(round)*30*time.Second)
	point := orbgeo.PointAtBearingAndDistance(centre, math.Mod(float64(unit+5*round), 360), 2000+float64(unit))
	return &devices.Report{
		ID: fmt.Sprintf("r%d", n), Device: deviceOf(unit), ReceivedAt: at, DeviceTime: at, Kind: devices.KindPosition,
		Fix: &geo.Fix{Point: point, Time: at, AccuracyM: geo.Measured(8), SpeedMPS: geo.Measured(9)},
	}
}

// cpuTime is what the process has used so far, in seconds. It is what a core could
// do, whatever else the machine is doing.
func cpuTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// BenchmarkFoldFixes folds fixes, the judgement of arrival included. Making them is
// not timed.
func BenchmarkFoldFixes(b *testing.B) {
	const block = 20_000
	t := worstDay()
	used := 0.0
	for done := 0; done < b.N; {
		b.StopTimer()
		events := make([]incident.Event, min(block, b.N-done))
		for i := range events {
			events[i] = incident.Event{Report: patrol(done + i)}
		}
		done += len(events)
		before := cpuTime()
		b.StartTimer()
		for _, e := range events {
			t.Apply(e)
		}
		used += cpuTime() - before
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/used, "events/cpu-s")
}

// BenchmarkJudgeBesideDistances times what judging costs: one fix of a unit on an
// incident while a hundred are open, beside ten bare distances. It is a row of
// `make bench`. Each is timed in short blocks and the median taken, so that a block
// during which the machine did something else does not count.
func BenchmarkJudgeBesideDistances(b *testing.B) {
	const block, blocks = 1000, 200
	t := worstDay()
	u := t.timelines["7"]
	first, _ := u.origins.observe(patrol(7), 7)
	p := u.writable(u.assignmentAt(first.Own.At))
	var ours, theirs [blocks]time.Duration
	heard := make([]observation, block)
	sum, there := 0.0, orb.Point{108.25, -6.80}
	for n := range blocks {
		for i := range heard { // just decoded, as fixes are when they are judged
			heard[i], _ = u.origins.observe(patrol((n*block+i)*manyUnits+7), uint64(i+1))
		}
		runtime.GC() // collecting what making them left is not timed
		began := time.Now()
		for _, e := range heard {
			if i := u.assignmentAt(e.Own.At); i >= 0 {
				p.feed(p.stayOf(e.Origin.Device), e.Entry, &u.fixes, orderKey{})
			}
		}
		ours[n] = time.Since(began)
		began = time.Now()
		for range block {
			for range 10 {
				sum += orbgeo.Distance(centre, there)
			}
		}
		theirs[n] = time.Since(began)
	}
	if sum == 0 || p.arrivedByFixes() != (geo.Arrival{}) {
		b.Fatal("no distance, or a unit that drives about arrived")
	}
	slices.Sort(ours[:])
	slices.Sort(theirs[:])
	b.ReportMetric(float64(ours[blocks/2])/block, "ours")
	b.ReportMetric(float64(theirs[blocks/2])/block, "theirs")
}
