package places_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"htgateway/configs"
	"htgateway/geo/places"
)

func majalengka(t testing.TB) *places.Gazetteer {
	t.Helper()
	g, err := places.Load(bytes.NewReader(configs.Places))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestMajalengkaIsWhole(t *testing.T) {
	t.Parallel()
	g := majalengka(t)
	if v, d := len(g.Villages()), len(g.Districts()); v != 343 || d != 26 {
		t.Fatalf("%d villages in %d sub-districts", v, d)
	}
	for _, v := range g.Villages() {
		if v.Point[0] < 108 || v.Point[0] > 108.5 || v.Point[1] < -7.1 || v.Point[1] > -6.5 {
			t.Errorf("%s lies at %v, outside the county", v.Name, v.Point)
		}
		if got := g.District(v.Point); got != v.District {
			t.Errorf("%s lies in %s, not %s", v.Name, got, v.District)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	g := majalengka(t)
	for q, want := range map[string]string{"kec. talaga": "Talaga", "Cipasung": "Cipasung", "DESA CIPASUNG, LEMAHSUGIH": "Cipasung"} {
		if got := g.Find(q); len(got) == 0 || got[0].Name != want {
			t.Errorf("%q finds %v, want %s", q, got, want)
		}
	}
	if got := g.Find("  "); got != nil {
		t.Errorf("nothing finds %v", got)
	}
}

func TestJakartaIsOutside(t *testing.T) {
	t.Parallel()
	if d := majalengka(t).District(orb.Point{106.8, -6.2}); d != "" {
		t.Fatalf("Jakarta lies in %s", d)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("code,district,village,lat,lon\n1,A,B,-6.8,108.2\n")
	f.Fuzz(func(t *testing.T, table string) {
		g, err := places.Load(strings.NewReader(table))
		if err == nil {
			g.Find("a")
			g.District(orb.Point{108, -6.8})
		}
	})
}
