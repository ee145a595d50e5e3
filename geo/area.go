package geo

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Area is where an incident is: a circle, a polygon, or several of them, of which
// being in any one counts. The zero Area is nowhere. It is not changed once made.
type Area struct{ parts []part }

// part is one circle or polygon. Everything is held in metres east and north of its
// centre, so that a line at longitude 180 is no edge.
type part struct {
	centre orb.Point
	// radiusM is a circle's radius, or what stands for it at a polygon's edge.
	radiusM float64
	// reachM is how far a polygon's farthest corner is from the centre.
	reachM float64
	rings  [][]offset
	// eastM is the length of one degree of longitude at the centre, in metres.
	eastM float64
}

// offset is metres east and north of a centre.
type offset struct{ east, north float64 }

// Circle is the area within radiusM metres of a point. A radius of 0 or less, or a
// point that [CheckPoint] refuses, gives nowhere.
func Circle(centre orb.Point, radiusM float64) Area {
	if CheckPoint(centre) != nil || !(radiusM > 0) || math.IsInf(radiusM, 0) {
		return Area{}
	}
	return Area{parts: []part{{centre: centre, radiusM: radiusM, eastM: metresPerDegree * math.Cos(centre[1]*math.Pi/180)}}}
}

// Errors of a polygon.
var (
	ErrRing     = errors.New("geo: a polygon's ring needs four points, the last like the first")
	ErrTooLarge = errors.New("geo: polygon is larger than 200 km")
)

// maxReachM is how far a polygon's corners may be from its middle, in metres:
// beyond, the flat geometry used here is wrong.
const maxReachM = 200_000

// Polygon is the area within the first ring and outside of the others (holes), as
// GeoJSON has them (RFC 7946, 3.1.6): degrees, longitude first, each ring closed. A
// ring may cross the 180th meridian. edgeM is the length in metres that stands for a
// radius when it is judged whether a unit has left. Errors: those of [CheckPoint],
// [ErrRing], [ErrTooLarge].
func Polygon(rings []orb.Ring, edgeM float64) (Area, error) {
	if len(rings) == 0 {
		return Area{}, ErrRing
	}
	for _, ring := range rings {
		if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
			return Area{}, ErrRing
		}
		for _, p := range ring {
			if err := CheckPoint(p); err != nil {
				return Area{}, fmt.Errorf("corner %v: %w", p, err)
			}
		}
	}
	p := part{centre: middle(rings[0]), radiusM: max(edgeM, 0)}
	p.eastM = metresPerDegree * math.Cos(p.centre[1]*math.Pi/180)
	for _, ring := range rings {
		line := make([]offset, len(ring))
		for i, corner := range ring {
			line[i] = p.offset(corner)
			p.reachM = max(p.reachM, math.Hypot(line[i].east, line[i].north))
		}
		p.rings = append(p.rings, line)
	}
	if !(p.reachM <= maxReachM) {
		return Area{}, ErrTooLarge
	}
	return Area{parts: []part{p}}, nil
}

// middle is the middle of a ring's bounds, longitudes taken the short way round
// from the first corner.
func middle(ring orb.Ring) orb.Point {
	west, east, south, north := 0.0, 0.0, ring[0][1], ring[0][1]
	for _, p := range ring {
		d := shortWay(p[0] - ring[0][0])
		west, east = min(west, d), max(east, d)
		south, north = min(south, p[1]), max(north, p[1])
	}
	return orb.Point{shortWay(ring[0][0] + (west+east)/2), (south + north) / 2}
}

// shortWay brings a difference of longitudes into -180 to 180 degrees.
func shortWay(d float64) float64 {
	switch {
	case d > 180:
		return d - 360
	case d < -180:
		return d + 360
	}
	return d
}

// Or is the area of both.
func (a Area) Or(b Area) Area {
	return Area{parts: append(append(make([]part, 0, len(a.parts)+len(b.parts)), a.parts...), b.parts...)}
}

// IsZero reports that the area is nowhere.
func (a Area) IsZero() bool { return len(a.parts) == 0 }

// Centre is the middle of the area's first part.
func (a Area) Centre() orb.Point {
	if a.IsZero() {
		return orb.Point{math.NaN(), math.NaN()}
	}
	return a.parts[0].centre
}

// Outside is how many metres a point lies outside of the area: 0 within it, and
// infinite for a point that is not a number, or when the area is nowhere.
func (a Area) Outside(p orb.Point) float64 {
	best := math.Inf(1)
	for i := range a.parts {
		best = min(best, a.parts[i].outside(p))
	}
	return best
}

// holds tells whether a point, right within accuracyM metres, counts as inside, and
// whether it counts as outside when leaving needs so many times the radius.
func (a *Area) holds(p orb.Point, accuracyM, leaveFactor float64) (in, out bool) {
	out = true
	for i := range a.parts {
		if a.parts[i].plainlyBeyond(p, a.parts[i].radiusM*max(leaveFactor-1, 0)+accuracyM) {
			continue
		}
		beyond := a.parts[i].outside(p)
		in = in || beyond <= accuracyM
		out = out && beyond > a.parts[i].radiusM*(leaveFactor-1)+accuracyM
	}
	return in, out
}

// plainlyBeyond tells, without a cosine or a root, that a point lies more than m
// metres outside: most units are far from most scenes. False says nothing.
func (p *part) plainlyBeyond(point orb.Point, m float64) bool {
	north := point[1] - p.centre[1]
	// A degree of longitude is within 5 % of its length at the centre up to one degree
	// from it and 70 degrees from the equator; a tenth is kept for that.
	if !(math.Abs(north) <= 1 && math.Abs(p.centre[1]) <= 70) {
		return false
	}
	at := p.offset(point)
	limit := (max(p.radiusM, p.reachM) + m) / 0.9
	return at.east*at.east+at.north*at.north > limit*limit
}

func (p *part) outside(point orb.Point) float64 {
	if p.rings == nil {
		return finite(max(Distance(point, p.centre)-p.radiusM, 0))
	}
	if far := Distance(point, p.centre) - p.reachM; !(far <= 4*p.reachM+1000) {
		return finite(far) // so far away that the nearest edge need not be known
	}
	at := p.offset(point)
	within, edge := false, math.Inf(1)
	for _, ring := range p.rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a.north > at.north) != (b.north > at.north) &&
				at.east < a.east+(b.east-a.east)*(at.north-a.north)/(b.north-a.north) {
				within = !within
			}
			edge = min(edge, toEdge(at, a, b))
		}
	}
	if within {
		return 0
	}
	return finite(edge)
}

// finite makes what is not a number infinitely far.
func finite(m float64) float64 {
	if math.IsNaN(m) {
		return math.Inf(1)
	}
	return m
}

func (p *part) offset(point orb.Point) offset {
	return offset{shortWay(point[0]-p.centre[0]) * p.eastM, (point[1] - p.centre[1]) * metresPerDegree}
}

// toEdge is the distance from a point to the line between two corners, in metres.
func toEdge(at, a, b offset) float64 {
	dx, dy := b.east-a.east, b.north-a.north
	along := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		along = max(0, min(1, ((at.east-a.east)*dx+(at.north-a.north)*dy)/length))
	}
	return math.Hypot(at.east-a.east-along*dx, at.north-a.north-along*dy)
}
