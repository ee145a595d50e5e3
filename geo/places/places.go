package places

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"htgateway/geo"
)

// Place is a village or a sub-district.
type Place struct {
	Name string `json:"name"`
	// District is the sub-district that it lies in, or is.
	District string    `json:"district"`
	Point    orb.Point `json:"-"`
	// RadiusM is how far, in metres, the place may lie from its point.
	RadiusM float64 `json:"radius_m"`
	// whole marks a sub-district.
	whole bool
}

// IsDistrict tells a sub-district from a village.
func (p Place) IsDistrict() bool { return p.whole }

// String is the place as an address names it.
func (p Place) String() string {
	if p.whole {
		return "Kec. " + p.Name
	}
	return p.Name + ", Kec. " + p.District
}

// Gazetteer is a county's places.
type Gazetteer struct {
	villages  []Place
	districts []Place
	// bounds are the sub-districts' real boundaries, where the file has them.
	bounds []bound
	// county is the county's own name as it ends addresses, in lower case.
	county string
}

// bound is one sub-district's boundary.
type bound struct {
	district string
	area     orb.MultiPolygon
}

// beyondM: a point farther than this from every village, in metres, is outside
// the county.
const beyondM = 6000

// gather makes the sub-districts, and gives every place its radius: half the way
// to the nearest other village, or the farthest village of the sub-district.
func (g *Gazetteer) gather() {
	members := map[string][]int{}
	for i := range g.villages {
		v := &g.villages[i]
		members[v.District] = append(members[v.District], i)
		nearest := beyondM * 2.0
		for j := range g.villages {
			if i != j {
				nearest = min(nearest, geo.Distance(v.Point, g.villages[j].Point))
			}
		}
		if v.RadiusM == 0 {
			v.RadiusM = max(300, nearest/2)
		}
	}
	for name, list := range members {
		var sum orb.Point
		for _, i := range list {
			sum[0] += g.villages[i].Point[0]
			sum[1] += g.villages[i].Point[1]
		}
		d := Place{Name: name, District: name, whole: true, Point: orb.Point{sum[0] / float64(len(list)), sum[1] / float64(len(list))}}
		for _, i := range list {
			d.RadiusM = max(d.RadiusM, geo.Distance(d.Point, g.villages[i].Point))
		}
		g.districts = append(g.districts, d)
	}
	slices.SortFunc(g.districts, func(a, b Place) int { return strings.Compare(a.Name, b.Name) })
}

// Villages returns every village.
func (g *Gazetteer) Villages() []Place { return slices.Clone(g.villages) }

// Districts returns every sub-district, by name.
func (g *Gazetteer) Districts() []Place { return slices.Clone(g.districts) }

// District tells in which sub-district a point lies, by the boundaries where the
// file has them, else by the nearest village; empty outside the county.
func (g *Gazetteer) District(p orb.Point) string {
	for _, b := range g.bounds {
		if planar.MultiPolygonContains(b.area, p) {
			return b.district
		}
	}
	best, bestM := "", float64(beyondM)
	for i := range g.villages {
		if m := geo.Distance(p, g.villages[i].Point); m < bestM {
			best, bestM = g.villages[i].District, m
		}
	}
	return best
}

// Find returns up to ten places whose name has the words of q, the closest match
// first. Sub-districts come before villages of the same name.
func (g *Gazetteer) Find(q string) []Place {
	q = plain(q)
	if q == "" {
		return nil
	}
	type match struct {
		place Place
		score int
	}
	var found []match
	for _, p := range slices.Concat(g.districts, g.villages) {
		name, full := plain(p.Name), plain(p.Name+" "+p.District)
		switch {
		case name == q || full == q:
			found = append(found, match{p, 0})
		case strings.HasPrefix(name, q):
			found = append(found, match{p, 1})
		case strings.Contains(full, q):
			found = append(found, match{p, 2})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return a.score - b.score })
	var out []Place
	for _, m := range found[:min(len(found), 10)] {
		out = append(out, m.place)
	}
	return out
}

// plain is a name in lower case, without the words that people put before it.
func plain(s string) string {
	var words []string
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == ',' || r == '.' }) {
		switch w {
		case "desa", "ds", "kelurahan", "kel", "kecamatan", "kec":
		default:
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
