package geo_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"htgateway/geo"
)

var scene = orb.Point{108.2279, -6.8364}

func TestCheckPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    orb.Point
		want error
	}{
		{scene, nil}, {orb.Point{math.NaN(), 1}, geo.ErrNotANumber}, {orb.Point{1, math.NaN()}, geo.ErrNotANumber},
		{orb.Point{math.Inf(1), 1}, geo.ErrOutOfRange}, {orb.Point{181, 1}, geo.ErrOutOfRange}, {orb.Point{1, -90.01}, geo.ErrOutOfRange},
		{orb.Point{0, 0}, geo.ErrNullIsland}, {orb.Point{0.001, -0.001}, geo.ErrNullIsland}, {orb.Point{0, 51.5}, nil},
	} {
		if err := geo.CheckPoint(c.p); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.p, err, c.want)
		}
	}
}

func TestDistanceAgreesWithHaversineInACounty(t *testing.T) {
	t.Parallel()
	for _, b := range []orb.Point{{108.3, -6.9}, {108.06, -7.06}, {108.39, -6.58}, {108.228, -6.8365}} {
		want := orbgeo.DistanceHaversine(scene, b)
		if got := geo.Distance(scene, b); math.Abs(got-want) > want*0.002+0.01 {
			t.Errorf("to %v: %.2f m, haversine %.2f m", b, got, want)
		}
	}
	if m := geo.Distance(orb.Point{179.9, 0}, orb.Point{-179.9, 0}); m > 30_000 {
		t.Errorf("across the date line: %.0f m", m)
	}
}

func TestReadingTellsZeroFromMissing(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(geo.Fix{Point: scene, SpeedMPS: geo.Measured(0)})
	if err != nil || string(b) != `{"point":[108.2279,-6.8364],"speed_mps":0}` {
		t.Fatalf("%s, %v", b, err)
	}
	var f geo.Fix
	if err := json.Unmarshal(b, &f); err != nil || f.SpeedMPS.IsZero() || !f.CourseDeg.IsZero() {
		t.Fatalf("%+v, %v", f, err)
	}
	if !geo.Measured(math.NaN()).IsZero() {
		t.Fatal("NaN is a measurement")
	}
}

// step is one fix of a scenario: so many seconds in, so many metres north of the
// scene.
type step struct {
	s        int
	metres   float64
	speed    float64 // m/s, negative for none
	accuracy float64
	want     geo.Exclusion
}

func TestArrival(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []step
		want  int // seconds in, -1 for no arrival
	}{
		{"drives up and stays", []step{{0, 900, 12, 5, ""}, {30, 300, 12, 5, ""}, {45, 60, 2, 5, ""}, {60, 20, 0, 5, ""}, {75, 20, 0, 5, ""}}, 45},
		{"drives past", []step{{0, 300, 15, 5, ""}, {10, 50, 15, 5, ""}, {20, -80, 15, 5, ""}, {30, -300, 15, 5, ""}}, -1},
		{"stays too short", []step{{0, 50, 0, 5, ""}, {20, 40, 0, 5, ""}, {40, 400, 12, 5, ""}}, -1},
		{"jitter at the edge does not toggle", []step{{0, 90, 0, 5, ""}, {10, 120, 0, 5, ""}, {20, 95, 0, 5, ""}, {31, 130, 0, 5, ""}}, 0},
		{"leaves and comes back", []step{{0, 50, 0, 5, ""}, {20, 400, 12, 5, ""}, {60, 50, 0, 5, ""}, {95, 50, 0, 5, ""}}, 60},
		{"radius grows by the accuracy", []step{{0, 140, 0, 45, ""}, {30, 140, 0, 45, ""}}, 0},
		{"a vague fix is not judged", []step{{0, 50, 0, 60, geo.TooVague}, {30, 50, 0, 60, geo.TooVague}}, -1},
		{"a jump is not judged until confirmed", []step{{0, 9000, 12, 5, ""}, {10, 20, 0, 5, geo.Impossible}, {20, 8900, 12, 5, ""}, {60, 8400, 12, 5, ""}}, -1},
		{"a confirmed jump counts from the jump", []step{{0, 9000, 12, 5, ""}, {10, 20, 0, 5, geo.Impossible}, {20, 20, 0, 5, ""}, {50, 20, 0, 5, ""}}, 10},
		{"a wrong first fix does not hide the arrival", []step{{0, 90000, 0, 5, ""}, {10, 20, 0, 5, geo.Impossible}, {20, 20, 0, 5, ""}, {50, 20, 0, 5, ""}}, 10},
		{"too long without a fix proves no stay", []step{{0, 50, 0, 5, ""}, {1000, 50, 0, 5, ""}, {1040, 50, 0, 5, ""}}, 1000},
		{"ten minutes without a fix prove a stay", []step{{0, 50, 0, 5, ""}, {600, 50, 0, 5, ""}}, 0},
		{"without a speedometer the way tells", []step{{0, 400, -1, 5, ""}, {20, 60, -1, 5, ""}, {40, 50, -1, 5, ""}, {75, 45, -1, 5, ""}}, 40},
		{"the same time twice", []step{{0, 50, 0, 5, ""}, {0, 50, 0, 5, geo.NotLater}, {30, 50, 0, 5, ""}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
			rule, area := geo.DefaultArrivalRule(), geo.Circle(scene, 100)
			stay := geo.NewStay(&rule, &area)
			for _, s := range c.steps {
				f := geo.Fix{Point: orb.Point{scene[0], scene[1] + s.metres/111_195}, AccuracyM: geo.Measured(s.accuracy)}
				if s.speed >= 0 {
					f.SpeedMPS = geo.Measured(s.speed)
				}
				if got, _ := stay.Feed(&f, start.Add(time.Duration(s.s)*time.Second), "r"); got != s.want {
					t.Errorf("fix at %d s: %q, want %q", s.s, got, s.want)
				}
			}
			got := stay.Arrived()
			if c.want < 0 != got.IsZero() || c.want >= 0 && !got.At.Equal(start.Add(time.Duration(c.want)*time.Second)) {
				t.Errorf("arrived %v", got)
			}
		})
	}
}

func TestFixesWithoutLockAreNeverJudged(t *testing.T) {
	t.Parallel()
	rule, area := geo.DefaultArrivalRule(), geo.Circle(scene, 100)
	stay := geo.NewStay(&rule, &area)
	for i, f := range []geo.Fix{{Point: scene, NoLock: true}, {Point: scene, Blurred: true}, {Point: orb.Point{math.NaN(), math.NaN()}}, {Point: orb.Point{0, 0}}} {
		if why, _ := stay.Feed(&f, time.Unix(int64(i*100), 0), "r"); why == geo.Judged {
			t.Errorf("%v was judged", f)
		}
	}
	if !stay.Arrived().IsZero() {
		t.Fatal("arrived by fixes that are none")
	}
}
