// Package places is the gazetteer: it finds a village or a sub-district
// (kecamatan) by name, and tells in which sub-district a point lies. It is pure.
//
// It knows villages as points, not as boundaries, so a point belongs to the
// sub-district of the nearest village: approximate near a border.
package places

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

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
}

// Gazetteer is a county's places.
type Gazetteer struct {
	villages  []Place
	districts []Place
}

// beyondM: a point farther than this from every village, in metres, is outside
// the county.
const beyondM = 6000

// Load reads a table with the columns code, district, village, lat, lon and more
// that are not used, after comment lines that start with '#' and a heading.
func Load(r io.Reader) (*Gazetteer, error) {
	table := csv.NewReader(r)
	table.Comment = '#'
	table.FieldsPerRecord = -1
	rows, err := table.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("places: cannot read the table: %w", err)
	}
	g := &Gazetteer{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		v, err := village(row)
		if err != nil {
			return nil, fmt.Errorf("places: row %d: %w", i+1, err)
		}
		g.villages = append(g.villages, v)
	}
	if len(g.villages) == 0 {
		return nil, fmt.Errorf("places: the table is empty")
	}
	g.gather()
	return g, nil
}

func village(row []string) (Place, error) {
	if len(row) < 5 {
		return Place{}, fmt.Errorf("%d columns", len(row))
	}
	lat, err := strconv.ParseFloat(row[3], 64)
	if err != nil {
		return Place{}, fmt.Errorf("latitude: %w", err)
	}
	lon, err := strconv.ParseFloat(row[4], 64)
	if err != nil {
		return Place{}, fmt.Errorf("longitude: %w", err)
	}
	p := orb.Point{lon, lat}
	if err := geo.CheckPoint(p); err != nil {
		return Place{}, err
	}
	return Place{Name: row[2], District: row[1], Point: p}, nil
}

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
		v.RadiusM = max(300, nearest/2)
	}
	for name, list := range members {
		var sum orb.Point
		for _, i := range list {
			sum[0] += g.villages[i].Point[0]
			sum[1] += g.villages[i].Point[1]
		}
		d := Place{Name: name, District: name, Point: orb.Point{sum[0] / float64(len(list)), sum[1] / float64(len(list))}}
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

// District tells in which sub-district a point lies, by the nearest village;
// empty outside the county.
func (g *Gazetteer) District(p orb.Point) string {
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
		case "desa", "kelurahan", "kel", "kecamatan", "kec":
		default:
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
