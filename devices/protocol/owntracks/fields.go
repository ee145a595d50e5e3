package owntracks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

// number is a JSON number, or a string that holds one.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%w: %.40s", ErrNumber, b)
	}
	*n = number(v)
	return nil
}

func (n *number) reading(low, high float64) (geo.Reading, error) {
	if n == nil {
		return geo.Reading{}, nil
	}
	if v := float64(*n); v < low || v > high {
		return geo.Reading{}, fmt.Errorf("%w: %v", ErrNumber, v)
	}
	return geo.Measured(float64(*n)), nil
}

// position is nil where there are no coordinates.
func (p *payload) position() (*geo.Fix, error) {
	if p.Lat == nil || p.Lon == nil {
		return nil, nil
	}
	point := orb.Point{float64(*p.Lon), float64(*p.Lat)}
	if err := geo.CheckPoint(point); err != nil {
		return nil, err
	}
	fix := &geo.Fix{Point: point}
	var err error
	if fix.AccuracyM, err = p.AccuracyM.reading(-1, 1e7); err != nil {
		return nil, err
	}
	// The apps leave an unknown accuracy out or send 0 or -1, beacons always 0.
	if acc, known := fix.AccuracyM.Value(); known && acc <= 0 {
		fix.AccuracyM = geo.Reading{}
	}
	if fix.AltitudeM, err = p.AltitudeM.reading(-1000, 60_000); err != nil {
		return nil, err
	}
	return fix, nil
}

// date sets when the thing happened and when the phone made the message of it.
func (p *payload) date(r *devices.Report, fix *geo.Fix) {
	r.DeviceTime, r.ClockNote = p.taken(r.ReceivedAt)
	if p.Created != nil {
		if made := unix(*p.Created); believable(made, r.ReceivedAt) {
			r.MadeAt = made
		}
	}
	if fix != nil {
		fix.Time, r.Fix = r.DeviceTime, fix
	}
}

// A GPS receiver whose week counter rolled over is exactly 1,024 weeks behind;
// within a few hours of that, the date is repaired.
const (
	rollover      = 1024 * 7 * 24 * time.Hour
	rolloverSlack = 6 * time.Hour
)

// taken is when the fix was taken, with a note when the phone's date had to be
// repaired or is not believed. The message's own time of making is the measure,
// or when it was received. A date that is not believed gives way to the time of
// making, or to none: then the time of reception counts.
func (p *payload) taken(receivedAt time.Time) (time.Time, string) {
	if p.Time == nil {
		return time.Time{}, ""
	}
	t, made := unix(*p.Time), receivedAt
	if p.Created != nil {
		made = unix(*p.Created)
	}
	if behind := made.Sub(t); !made.IsZero() && (behind-rollover).Abs() < rolloverSlack {
		return t.Add(rollover), "week_rollover"
	}
	if believable(t, receivedAt) {
		return t, ""
	}
	note := "not_believed:" + t.Format(time.RFC3339)
	if p.Created != nil && believable(made, receivedAt) {
		return made, "created_at " + note
	}
	return time.Time{}, note
}

// firstTime is before there were phones with OwnTracks: an earlier date is of a
// clock that was never set.
var firstTime = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// maxAhead is how far ahead a date may be to be kept at all; how far it may be to be
// counted with is for the tracker to say.
const maxAhead = 24 * time.Hour

func believable(t, receivedAt time.Time) bool {
	return !t.Before(firstTime) && (receivedAt.IsZero() || !t.After(receivedAt.Add(maxAhead)))
}

// unix is a time in Unix seconds; what is far from any date is the zero time.
func unix(n number) time.Time {
	whole, fraction := math.Modf(float64(n))
	if math.Abs(whole) > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}
