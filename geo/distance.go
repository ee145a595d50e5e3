package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// metresPerDegree is the length of one degree of a meridian on a sphere with
// the Earth's mean radius of 6,371,008.8 m.
const metresPerDegree = math.Pi / 180 * 6371008.8

// Distance is the ground distance in metres by the equirectangular
// approximation, which is within 0.1 % below 50 km and away from the poles: far
// finer than any fix, and the only distances judged here are of a county's
// size. Both longitudes lie between -180 and 180 degrees; the way between them is
// taken the short way round.
func Distance(a, b orb.Point) float64 {
	dLon := shortWay(b[0] - a[0])
	x := dLon * math.Cos((a[1]+b[1])/2*math.Pi/180)
	y := b[1] - a[1]
	return metresPerDegree * math.Sqrt(x*x+y*y)
}

// farther tells whether two points lie more than m metres apart. Near ones are known
// without a cosine: a degree of longitude is nowhere longer than one of latitude.
func farther(a, b orb.Point, m float64) bool {
	x, y := shortWay(b[0]-a[0]), b[1]-a[1]
	return metresPerDegree*math.Sqrt(x*x+y*y) > m && Distance(a, b) > m
}
