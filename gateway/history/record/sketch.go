package record

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// A sketch is drawn once, in millimetres from the upper left, and printed as SVG
// and as PDF: both show the same.
type sketch struct {
	Title         string
	Width, Height float64
	Shapes        []shape
}

// shape is a line, a circle (with R) or a text (with Text).
type shape struct {
	Kind   string // "line", "area", "circle" or "text"
	Points []orb.Point
	R      float64
	Text   string
	Pen    string // the name of a pen
}

// pen is how a shape is drawn.
type pen struct {
	R, G, B  int
	Width    float64 // of the line, millimetres; 0 fills instead
	Dash     float64 // millimetres, 0 for a whole line
	FontSize float64 // millimetres
	Bold     bool
}

// pens by what they draw. Tracks differ in print by colour and dash.
var pens = map[string]pen{
	"radius":  {R: 190, G: 30, B: 30, Width: 0.35, Dash: 1.2},
	"scene":   {R: 190, G: 30, B: 30},
	"arrival": {R: 20, G: 110, B: 50},
	"frame":   {R: 90, G: 90, B: 90, Width: 0.2},
	"place":   {R: 120, G: 120, B: 120},
	"name":    {R: 110, G: 110, B: 110, FontSize: 2.2},
	"label":   {R: 20, G: 20, B: 20, FontSize: 2.5, Bold: true},
	"scale":   {R: 20, G: 20, B: 20, Width: 0.4},
	"measure": {R: 20, G: 20, B: 20, FontSize: 2.3},
	"north":   {R: 20, G: 20, B: 20},
	"track0":  {R: 25, G: 80, B: 170, Width: 0.5},
	"track1":  {R: 150, G: 80, B: 10, Width: 0.5, Dash: 2},
	"track2":  {R: 110, G: 40, B: 140, Width: 0.5, Dash: 0.8},
	"track3":  {R: 10, G: 120, B: 120, Width: 0.5, Dash: 3},
	"fix":     {R: 60, G: 60, B: 60},
}

const (
	sketchWidth  = 86.0 // millimetres: two side by side on A4
	sketchHeight = 76.0
	// defaultRadiusM is drawn when the incident has no arrival radius of its own.
	defaultRadiusM = 100
)

// sketches are the whole way and the scene from near; none without a place or fixes.
func (s *Sheet) sketches() []sketch {
	place := s.Incident.Location
	if place == nil {
		return nil
	}
	radius := place.RadiusM
	if radius == 0 {
		radius = defaultRadiusM
	}
	radius = max(radius, place.UncertaintyM)
	near := around(place.Point(), 4*radius)
	all := around(place.Point(), 4*radius)
	for _, t := range s.Tracks {
		for _, p := range t.Points {
			all = all.Extend(orb.Point{p.Lon, p.Lat})
		}
	}
	out := []sketch{s.sketch("Sekitar lokasi", near, radius)}
	if all != near {
		out = append([]sketch{s.sketch("Seluruh lintasan", all, radius)}, out...)
	}
	return out
}

func around(p orb.Point, metres float64) orb.Bound {
	dLat := metres / 111_320
	dLon := dLat / math.Cos(p.Lat()*math.Pi/180)
	return orb.Bound{Min: orb.Point{p.Lon() - dLon, p.Lat() - dLat}, Max: orb.Point{p.Lon() + dLon, p.Lat() + dLat}}
}

// plane maps degrees to millimetres on paper: equirectangular, true in the middle;
// a county is small enough for that.
type plane struct {
	middle    orb.Point
	mmPerM    float64
	lonFactor float64
	frame     orb.Bound // on paper
}

func newPlane(b orb.Bound) plane {
	const margin = 6.0
	p := plane{middle: b.Center(), frame: orb.Bound{Max: orb.Point{sketchWidth, sketchHeight}}}
	p.lonFactor = math.Cos(p.middle.Lat() * math.Pi / 180)
	wide := max(1, geo.Distance(orb.Point{b.Min.Lon(), p.middle.Lat()}, orb.Point{b.Max.Lon(), p.middle.Lat()}))
	high := max(1, geo.Distance(orb.Point{p.middle.Lon(), b.Min.Lat()}, orb.Point{p.middle.Lon(), b.Max.Lat()}))
	p.mmPerM = min((sketchWidth-2*margin)/wide, (sketchHeight-2*margin)/high)
	return p
}

func (p plane) paper(at orb.Point) orb.Point {
	const mPerDeg = 111_195 // of the sphere that geo.Distance measures on
	x := (at.Lon() - p.middle.Lon()) * mPerDeg * p.lonFactor * p.mmPerM
	y := (at.Lat() - p.middle.Lat()) * mPerDeg * p.mmPerM
	return orb.Point{sketchWidth/2 + x, sketchHeight/2 - y}
}

func (s *Sheet) sketch(title string, b orb.Bound, radiusM float64) sketch {
	p := newPlane(b)
	k := sketch{Title: title, Width: sketchWidth, Height: sketchHeight}
	names := s.trackNames(p)
	k.places(p, s.landmarks, s.Incident.Location.Point(), names)
	for i, t := range s.Tracks {
		line := make(orb.LineString, 0, len(t.Points))
		for _, q := range t.Points {
			at := p.paper(orb.Point{q.Lon, q.Lat})
			line = append(line, at)
			if p.frame.Contains(at) {
				k.dot(at, 0.3, "fix")
			}
		}
		name := fmt.Sprintf("track%d", i%4)
		for _, piece := range clip.LineString(p.frame, line) {
			k.Shapes = append(k.Shapes, shape{Kind: "line", Points: piece, Pen: name})
		}
		if at, shown := names[i]; shown {
			k.Shapes = append(k.Shapes, shape{Kind: "line", Points: []orb.Point{{at[0], at[1] - 0.8}, {at[0] + 4, at[1] - 0.8}}, Pen: name})
			k.text(orb.Point{at[0] + 5, at[1]}, t.CallSign, "label")
		}
	}
	scene := p.paper(s.Incident.Location.Point())
	k.Shapes = append(k.Shapes, shape{Kind: "circle", Points: []orb.Point{scene}, R: radiusM * p.mmPerM, Pen: "radius"})
	k.cross(scene, 1.6, "scene")
	for _, l := range s.Timeline {
		if l.Kind == string(incident.OnScene) && l.Where != nil {
			if at := p.paper(orb.Point{l.Where.Lon, l.Where.Lat}); p.frame.Contains(at) {
				k.triangle(at, 1.4, "arrival")
			}
		}
	}
	k.scale(p)
	k.north()
	k.Shapes = append(k.Shapes, shape{Kind: "line", Pen: "frame", Points: []orb.Point{{0, 0}, {k.Width, 0}, {k.Width, k.Height}, {0, k.Height}, {0, 0}}})
	return k
}

// trackNames are where the names of the tracks stand that begin in the frame, by the
// place of the track. Units that leave one station begin at one point: their names
// stand under each other.
func (s *Sheet) trackNames(p plane) map[int]orb.Point {
	out := map[int]orb.Point{}
	for i, t := range s.Tracks {
		if len(t.Points) == 0 {
			continue
		}
		if at := p.paper(orb.Point{t.Points[0].Lon, t.Points[0].Lat}); p.frame.Contains(at) {
			out[i] = orb.Point{min(at[0]+1, sketchWidth-22), min(at[1]+2.8, sketchHeight-12) + float64(i)*2.8}
		}
	}
	return out
}

// places draws the villages in the frame, those nearest to the scene first, and
// leaves out each whose name would stand on another's, on that of a track, on the
// arrow or on the scale.
func (k *sketch) places(p plane, list []Landmark, scene orb.Point, names map[int]orb.Point) {
	const perLetter, tall, dotRadius = 1.2, 2.6, 0.5 // of the pen "name", millimetres
	taken := []orb.Bound{
		{Min: orb.Point{sketchWidth - 8, 0}, Max: orb.Point{sketchWidth, 14}},
		{Min: orb.Point{0, sketchHeight - 8}, Max: orb.Point{sketchWidth/2 - 4, sketchHeight}},
	}
	for _, at := range names {
		taken = append(taken, orb.Bound{Min: orb.Point{at[0], at[1] - tall}, Max: orb.Point{at[0] + 21, at[1] + tall/2}})
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Landmark) int {
		return cmp.Compare(geo.Distance(scene, orb.Point{a.Lon, a.Lat}), geo.Distance(scene, orb.Point{b.Lon, b.Lat}))
	})
	for _, l := range list {
		at := p.paper(orb.Point{l.Lon, l.Lat})
		wide := float64(len(l.Name)) * perLetter
		x, y := at[0]+1, at[1]-0.6
		if x+wide > sketchWidth {
			x = at[0] - 1 - wide
		}
		box := orb.Bound{Min: orb.Point{x, y - tall}, Max: orb.Point{x + wide, y + tall/2}}
		inside := p.frame.Contains(at) && p.frame.Contains(box.Min) && p.frame.Contains(box.Max)
		if box = box.Extend(orb.Point{at[0] - dotRadius, at[1]}).Extend(orb.Point{at[0] + dotRadius, at[1]}); !inside || slices.ContainsFunc(taken, box.Intersects) {
			continue
		}
		taken = append(taken, box)
		k.dot(at, dotRadius, "place")
		k.text(orb.Point{x, y}, l.Name, "name")
	}
}

func (k *sketch) dot(at orb.Point, r float64, pen string) {
	k.Shapes = append(k.Shapes, shape{Kind: "circle", Points: []orb.Point{at}, R: r, Pen: pen})
}

func (k *sketch) text(at orb.Point, text, pen string) {
	k.Shapes = append(k.Shapes, shape{Kind: "text", Points: []orb.Point{at}, Text: text, Pen: pen})
}

func (k *sketch) area(pen string, points ...orb.Point) {
	k.Shapes = append(k.Shapes, shape{Kind: "area", Points: points, Pen: pen})
}

// cross is a filled plus: where the incident is.
func (k *sketch) cross(at orb.Point, r float64, pen string) {
	x, y, w := at[0], at[1], r/4
	k.area(pen, orb.Point{x - r, y - w}, orb.Point{x + r, y - w}, orb.Point{x + r, y + w}, orb.Point{x - r, y + w})
	k.area(pen, orb.Point{x - w, y - r}, orb.Point{x + w, y - r}, orb.Point{x + w, y + r}, orb.Point{x - w, y + r})
}

func (k *sketch) triangle(at orb.Point, r float64, pen string) {
	k.area(pen, orb.Point{at[0], at[1] - r}, orb.Point{at[0] + r, at[1] + r}, orb.Point{at[0] - r, at[1] + r})
}

// scale draws a bar of a round length, about a quarter of the width.
func (k *sketch) scale(p plane) {
	want := k.Width / 4 / p.mmPerM
	round := math.Pow(10, math.Floor(math.Log10(want)))
	for _, f := range []float64{5, 2} {
		if round*f <= want {
			round *= f
			break
		}
	}
	x, y, long := 4.0, k.Height-4, round*p.mmPerM
	k.Shapes = append(k.Shapes, shape{Kind: "line", Pen: "scale", Points: []orb.Point{{x, y - 1.2}, {x, y}, {x + long, y}, {x + long, y - 1.2}}})
	k.text(orb.Point{x + long + 1.2, y}, metres(round), "measure")
}

// north draws the arrow at the upper right; north is up.
func (k *sketch) north() {
	x, y := k.Width-5, 4.0
	k.area("north", orb.Point{x, y}, orb.Point{x + 1.5, y + 5}, orb.Point{x, y + 4}, orb.Point{x - 1.5, y + 5})
	k.text(orb.Point{x - 0.9, y + 8}, "U", "label")
}
