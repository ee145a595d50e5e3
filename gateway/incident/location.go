package incident

import (
	"fmt"

	"github.com/paulmach/orb"

	"htgateway/geo"
)

// Location is where an incident is, degrees WGS 84.
type Location struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
	// RadiusM is the arrival radius in metres, 0 for the default. Beside an Area it
	// is what stands for a radius when a unit leaves.
	RadiusM float64 `json:"radius_m,omitzero"`
	// Area is the incident's area, when it is not a circle.
	Area *Polygon `json:"area,omitzero"`
	// UncertaintyM is how far, in metres, the incident may lie from the point; 0 when
	// that is not known to be far.
	UncertaintyM float64 `json:"uncertainty_m,omitzero"`
	// Source is "gazetteer" when the place was found by the address; Place is then
	// its name.
	Source string `json:"source,omitzero"`
	Place  string `json:"place,omitzero"`
}

// Polygon is a GeoJSON polygon (RFC 7946, 3.1.6): rings of longitude and latitude,
// the first its outline, the others holes.
type Polygon struct {
	Type        string     `json:"type"` // always "Polygon"
	Coordinates []orb.Ring `json:"coordinates"`
}

// Bounds of what a location may ask for.
const (
	maxRadiusM = 50_000
	maxCorners = 2000
)

// Point is the location as orb has it, longitude first.
func (l Location) Point() orb.Point { return orb.Point{l.Lon, l.Lat} }

// Vague tells whether the incident may well lie outside the circle in which an
// arrival would be judged, radiusM being the default. Fixes then neither prove nor
// contradict an arrival, until somebody says where it is: a crew that drives through
// the middle of the village has not arrived, and a wider circle would let it.
func (l *Location) Vague(radiusM float64) bool {
	if l.RadiusM > 0 {
		radiusM = l.RadiusM
	}
	return l.Area == nil && l.UncertaintyM > radiusM
}

// Check tells why a location cannot be used, or nil. An area without a point gets
// its middle as the point.
func (l *Location) Check() error {
	if l.Area != nil {
		corners := 0
		for _, ring := range l.Area.Coordinates {
			corners += len(ring)
		}
		switch {
		case l.Area.Type != "Polygon":
			return fmt.Errorf("area has type %q, not Polygon", l.Area.Type)
		case corners > maxCorners:
			return fmt.Errorf("area has %d corners, more than %d", corners, maxCorners)
		}
		area, err := geo.Polygon(l.Area.Coordinates, 0)
		if err != nil {
			return fmt.Errorf("area: %w", err)
		}
		if l.Lat == 0 && l.Lon == 0 {
			l.Lon, l.Lat = area.Centre()[0], area.Centre()[1]
		}
	}
	if !(l.RadiusM >= 0 && l.RadiusM <= maxRadiusM) {
		return fmt.Errorf("radius_m %v is not between 0 and %d", l.RadiusM, maxRadiusM)
	}
	if !(l.UncertaintyM >= 0 && l.UncertaintyM <= maxRadiusM) {
		return fmt.Errorf("uncertainty_m %v is not between 0 and %d", l.UncertaintyM, maxRadiusM)
	}
	return geo.CheckPoint(l.Point())
}

// ArrivalArea is where a unit has arrived; a polygon that cannot be used gives way to the circle.
func (l *Location) ArrivalArea(radiusM float64) geo.Area {
	if l.RadiusM > 0 {
		radiusM = l.RadiusM
	}
	if l.Area != nil {
		if area, err := geo.Polygon(l.Area.Coordinates, radiusM); err == nil {
			return area
		}
	}
	return geo.Circle(l.Point(), radiusM)
}
