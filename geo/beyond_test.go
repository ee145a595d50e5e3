package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// TestPlainlyBeyondIsBeyond: what the short cut says of a far point, the distance says
// too, anywhere on the globe.
func TestPlainlyBeyondIsBeyond(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	said := 0
	for range 200_000 {
		centre := orb.Point{random.Float64()*360 - 180, random.Float64()*180 - 90}
		a := Circle(centre, math.Exp(random.Float64()*8))
		if a.IsZero() {
			continue
		}
		span := math.Exp(random.Float64()*10 - 8)
		at := orb.Point{shortWay(centre[0] + (random.Float64()*2-1)*span), min(90, max(-90, centre[1]+(random.Float64()*2-1)*span))}
		m := math.Exp(random.Float64() * 7)
		if a.parts[0].plainlyBeyond(at, m) {
			if said++; a.Outside(at) <= m {
				t.Fatalf("%v is %.1f m outside of %v, not beyond %.1f m", at, a.Outside(at), centre, m)
			}
		}
	}
	if said < 50_000 {
		t.Errorf("the short cut was taken %d times only", said)
	}
}
