package record

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
)

// TestNamesStandFree: in a county full of villages no name stands on another, on that
// of a unit, on the arrow or on the scale, and units from one station can be read.
func TestNamesStandFree(t *testing.T) {
	t.Parallel()
	s := &Sheet{Incident: incident.Incident{Location: &incident.Location{Lat: -6.8, Lon: 108.2}}}
	for i := range 40 {
		for j := range 40 {
			s.landmarks = append(s.landmarks, Landmark{Name: fmt.Sprint("Desa ", i, " ", j), Lat: -6.9 + float64(i)*0.005, Lon: 108.1 + float64(j)*0.005})
		}
	}
	for i, from := range []orb.Point{{108.11, -6.89}, {108.11, -6.89}, {108.29, -6.72}, {108.28, -6.87}} {
		s.Tracks = append(s.Tracks, Track{Unit: fmt.Sprint("u", i), CallSign: fmt.Sprint("PSC 119-", i), Points: []TrackPoint{{Lat: from.Lat(), Lon: from.Lon()}, {Lat: -6.8, Lon: 108.2}}})
	}
	for _, k := range s.sketches() {
		type box struct {
			orb.Bound
			text string
		}
		boxes := []box{{orb.Bound{Min: orb.Point{sketchWidth - 6.5, 4}, Max: orb.Point{sketchWidth - 3.5, 9}}, "the arrow"}}
		villages, units := 0, 0
		for _, at := range k.Shapes {
			if at.Kind != "text" {
				continue
			}
			size := pens[at.Pen].FontSize
			b := box{orb.Bound{Min: orb.Point{at.Points[0][0], at.Points[0][1] - 0.7*size}, Max: orb.Point{at.Points[0][0] + 0.5*size*float64(utf8.RuneCountInString(at.Text)), at.Points[0][1]}}, at.Text}
			for _, other := range boxes {
				if b.Intersects(other.Bound) {
					t.Errorf("%s: %q stands on %q", k.Title, b.text, other.text)
				}
			}
			boxes = append(boxes, b)
			switch at.Pen {
			case "name":
				villages++
			case "label":
				units++
			}
		}
		if k.Title == "Seluruh lintasan" && (villages < 20 || units != len(s.Tracks)+1) {
			t.Errorf("%s: %d villages, %d units", k.Title, villages, units)
		}
	}
}
