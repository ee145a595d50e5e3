package geo

import (
	"errors"
	"math"
	"time"

	"github.com/paulmach/orb"
)

// Fix is one position of one device.
type Fix struct {
	// Point is the position, longitude first, WGS 84 degrees.
	Point orb.Point `json:"point"`
	// AccuracyM is the radius in metres that the device claims to be right within.
	AccuracyM Reading `json:"accuracy_m,omitzero"`
	// SpeedMPS is the speed over ground in metres a second.
	SpeedMPS Reading `json:"speed_mps,omitzero"`
	// CourseDeg is the course over ground, degrees from true north, 0 to 360.
	CourseDeg Reading `json:"course_deg,omitzero"`
	// AltitudeM is the height in metres above mean sea level.
	AltitudeM Reading `json:"altitude_m,omitzero"`
	// Time is when the fix was taken by the device's own clock, UTC; zero when
	// the device did not say.
	Time time.Time `json:"time,omitzero"`
	// NoLock marks a position that the receiver repeats without satellites: the
	// last known place or a factory default. It is kept and never moves a marker.
	NoLock bool `json:"no_lock,omitzero"`
	// Blurred marks a position that its sender made coarse on purpose: it moves the
	// marker and never proves an arrival.
	Blurred bool `json:"blurred,omitzero"`
	// Forgotten marks a fix whose place was forgotten after its time: Point says nothing,
	// when it was taken and that there was one stays.
	Forgotten bool `json:"forgotten,omitzero"`
}

// Reasons why a point cannot be used.
var (
	ErrNotANumber = errors.New("geo: coordinate is not a number")
	ErrOutOfRange = errors.New("geo: coordinate out of range")
	ErrNullIsland = errors.New("geo: coordinate is null island (0, 0): no fix")
)

// nullIslandDeg is how near to 0, 0 a point counts as "no fix": about a
// kilometre, an area of open sea in the Gulf of Guinea.
const nullIslandDeg = 0.01

// CheckPoint tells why a point must be refused before any geometry sees it (a
// NaN point is inside every orb ring), or nil. Errors: [ErrNotANumber],
// [ErrOutOfRange], [ErrNullIsland].
func CheckPoint(p orb.Point) error {
	lon, lat := p[0], p[1]
	switch {
	case math.IsNaN(lon) || math.IsNaN(lat):
		return ErrNotANumber
	case math.Abs(lat) > 90 || math.Abs(lon) > 180:
		return ErrOutOfRange
	case math.Abs(lat) < nullIslandDeg && math.Abs(lon) < nullIslandDeg:
		return ErrNullIsland
	}
	return nil
}
