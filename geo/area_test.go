package geo_test

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"htgateway/geo"
)

// box is a square with sides of so many metres around a point, as one ring.
func box(c orb.Point, side float64) orb.Ring {
	lat := side / 2 / 111_195
	lon := lat / math.Cos(c[1]*math.Pi/180)
	wrap := func(l float64) float64 { return math.Mod(l+540, 360) - 180 }
	w, e := wrap(c[0]-lon), wrap(c[0]+lon)
	return orb.Ring{{w, c[1] - lat}, {e, c[1] - lat}, {e, c[1] + lat}, {w, c[1] + lat}, {w, c[1] - lat}}
}

func north(p orb.Point, m float64) orb.Point { return orb.Point{p[0], p[1] + m/111_195} }

func east(p orb.Point, m float64) orb.Point {
	return orb.Point{math.Mod(p[0]+m/111_195/math.Cos(p[1]*math.Pi/180)+540, 360) - 180, p[1]}
}

func TestOutside(t *testing.T) {
	t.Parallel()
	for _, c := range []orb.Point{scene, {180, -17}, {-179.9999, 65}, {12, 0.5}} {
		square, err := geo.Polygon([]orb.Ring{box(c, 1000)}, 100)
		if err != nil {
			t.Fatalf("at %v: %v", c, err)
		}
		holed, err := geo.Polygon([]orb.Ring{box(c, 1000), box(c, 200)}, 100)
		if err != nil {
			t.Fatalf("at %v: %v", c, err)
		}
		both := geo.Circle(c, 100).Or(geo.Circle(north(c, 5000), 100))
		for _, k := range []struct {
			name string
			area geo.Area
			at   orb.Point
			want float64
		}{
			{"middle of a circle", geo.Circle(c, 100), c, 0},
			{"outside a circle", geo.Circle(c, 100), east(c, 160), 60},
			{"middle of a square", square, c, 0},
			{"inside near the edge", square, east(c, -490), 0},
			{"outside the east edge", square, east(c, 620), 120},
			{"outside the north edge", square, north(c, 530), 30},
			{"beyond a corner", square, north(east(c, 530), 540), 50},
			{"in the hole", holed, c, 100},
			{"between hole and edge", holed, east(c, 300), 0},
			{"in the second circle", both, north(c, 5050), 0},
			{"between two circles", both, north(c, 2500), 2400},
		} {
			if got := k.area.Outside(k.at); math.Abs(got-k.want) > 1+k.want*0.003 {
				t.Errorf("at %v, %s: %.1f m, want %.1f", c, k.name, got, k.want)
			}
		}
		if got := square.Outside(orb.Point{math.NaN(), 0}); !math.IsInf(got, 1) {
			t.Errorf("not a number is %v m outside", got)
		}
		if far := square.Outside(north(c, 50_000)); far < 48_000 || far > 50_000 {
			t.Errorf("far away is %v m outside", far)
		}
	}
}

func TestAreasThatAreNone(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]geo.Area{
		"no radius": geo.Circle(scene, 0), "negative": geo.Circle(scene, -1), "not a number": geo.Circle(scene, math.NaN()),
		"endless": geo.Circle(scene, math.Inf(1)), "nowhere": geo.Circle(orb.Point{math.NaN(), 1}, 100), "null island": geo.Circle(orb.Point{}, 100),
	} {
		if !a.IsZero() || !math.IsInf(a.Outside(scene), 1) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	open, huge := box(scene, 100), box(scene, 900_000)
	open[4] = scene
	bad := box(scene, 100)
	bad[1] = orb.Point{math.NaN(), 1}
	for name, c := range map[string]struct {
		rings []orb.Ring
		want  error
	}{
		"no ring": {nil, geo.ErrRing}, "three points": {[]orb.Ring{box(scene, 100)[:3]}, geo.ErrRing}, "not closed": {[]orb.Ring{open}, geo.ErrRing},
		"not a number": {[]orb.Ring{bad}, geo.ErrNotANumber}, "a bad hole": {[]orb.Ring{box(scene, 100), bad}, geo.ErrNotANumber}, "huge": {[]orb.Ring{huge}, geo.ErrTooLarge},
	} {
		if a, err := geo.Polygon(c.rings, 100); !errors.Is(err, c.want) || !a.IsZero() {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
