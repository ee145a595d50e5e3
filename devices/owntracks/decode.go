package owntracks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

// MaxPayload is the largest payload that is read, in bytes.
const MaxPayload = 64 << 10

// Reasons for refusing a payload.
var (
	ErrTooLarge   = errors.New("owntracks: payload over 64 KiB")
	ErrTopic      = errors.New("owntracks: topic names no device")
	ErrNotJSON    = errors.New("owntracks: payload is not JSON")
	ErrNoPosition = errors.New("owntracks: location without lat and lon")
	ErrNumber     = errors.New("owntracks: not a number in its range")
	ErrEncrypted  = errors.New("owntracks: payload is encrypted and no secret is configured")
)

// payload is every field that is used. Old senders write numbers as strings, so
// numbers are read from either.
type payload struct {
	Type      string  `json:"_type"`
	ID        string  `json:"_id"`
	Topic     string  `json:"topic"`
	Lat       *number `json:"lat"`
	Lon       *number `json:"lon"`
	Time      *number `json:"tst"`
	Created   *number `json:"created_at"`
	AccuracyM *number `json:"acc"`
	AltitudeM *number `json:"alt"`
	SpeedKMH  *number `json:"vel"`
	CourseDeg *number `json:"cog"`
	Battery   *number `json:"batt"`
	Event     string  `json:"event"`
	Desc      string  `json:"desc"`
}

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

// Decode reads one publication. The device is named by its topic, never by the
// two-letter tracker id, which is not unique; a payload that came without a
// usable topic may carry its own (HTTP mode). at is when it was received, UTC.
func Decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	r := devices.Report{Protocol: devices.OwnTracks, Kind: devices.KindOther, ReceivedAt: at}
	if len(body) > MaxPayload {
		return r, ErrTooLarge
	}
	var p payload
	jsonErr := json.Unmarshal(body, &p)
	if id, ok := identity(topic); ok {
		r.Device = id
	} else if id, ok := identity(p.Topic); ok {
		r.Device = id
	} else {
		return r, ErrTopic
	}
	if jsonErr != nil {
		return r, fmt.Errorf("%w: %w", ErrNotJSON, jsonErr)
	}
	switch p.Type {
	case "location":
		return r, location(&p, &r)
	case "transition":
		return r, transition(&p, &r)
	case "encrypted":
		return r, ErrEncrypted
	}
	// Will, card, waypoints, status and whatever comes next say nothing of a place.
	r.Text = ""
	return r, nil
}

// identity is owntracks/<user>/<device>, with or without more behind it.
func identity(topic string) (devices.Identity, bool) {
	parts := strings.Split(topic, "/")
	if len(parts) < 3 || parts[0] != "owntracks" || parts[1] == "" || parts[2] == "" {
		return "", false
	}
	return devices.Identity("owntracks:" + parts[1] + "/" + parts[2]), true
}

func location(p *payload, r *devices.Report) error {
	r.Kind = devices.KindPosition
	r.Sequence = p.ID
	fix, err := position(p)
	if err != nil {
		return err
	}
	if fix == nil {
		return ErrNoPosition
	}
	if fix.SpeedMPS, err = p.SpeedKMH.reading(-1, 1500); err != nil {
		return err
	}
	if kmh, known := fix.SpeedMPS.Value(); known {
		fix.SpeedMPS = geo.Reading{}
		if kmh >= 0 { // the app sends -1 for "unknown"
			fix.SpeedMPS = geo.Measured(kmh / 3.6)
		}
	}
	if fix.CourseDeg, err = p.CourseDeg.reading(-1, 360); err != nil {
		return err
	}
	if c, known := fix.CourseDeg.Value(); known && c < 0 {
		fix.CourseDeg = geo.Reading{}
	}
	if r.BatteryPct, err = p.Battery.reading(0, 100); err != nil {
		return err
	}
	fix.Time, r.ClockNote = taken(p, r.ReceivedAt)
	r.DeviceTime, r.Fix = fix.Time, fix
	return nil
}

// transition tells that the phone itself entered or left a region; its
// coordinates are optional.
func transition(p *payload, r *devices.Report) error {
	r.Text = strings.TrimSpace(p.Event + " " + p.Desc)
	fix, err := position(p)
	if err != nil || fix == nil {
		return err
	}
	r.Kind = devices.KindPosition
	fix.Time, r.ClockNote = taken(p, r.ReceivedAt)
	r.DeviceTime, r.Fix = fix.Time, fix
	return nil
}

func position(p *payload) (*geo.Fix, error) {
	if p.Lat == nil || p.Lon == nil {
		return nil, nil
	}
	point := orb.Point{float64(*p.Lon), float64(*p.Lat)}
	if err := geo.CheckPoint(point); err != nil {
		return nil, err
	}
	fix := &geo.Fix{Point: point}
	var err error
	if fix.AccuracyM, err = p.AccuracyM.reading(0, 1e7); err != nil {
		return nil, err
	}
	if fix.AltitudeM, err = p.AltitudeM.reading(-1000, 60_000); err != nil {
		return nil, err
	}
	return fix, nil
}

// A GPS receiver whose week counter rolled over is exactly 1,024 weeks behind;
// within a few hours of that, the date is repaired.
const (
	rollover      = 1024 * 7 * 24 * time.Hour
	rolloverSlack = 6 * time.Hour
)

// taken is when the fix was taken, with a note when the phone's date had to be
// repaired or is not believed. The message's own time of making is the measure,
// or when it was received.
func taken(p *payload, receivedAt time.Time) (time.Time, string) {
	if p.Time == nil {
		return time.Time{}, ""
	}
	t := unix(*p.Time)
	made := receivedAt
	if p.Created != nil {
		made = unix(*p.Created)
	}
	if made.IsZero() {
		return t, ""
	}
	if behind := made.Sub(t); (behind - rollover).Abs() < rolloverSlack {
		return t.Add(rollover), "week_rollover"
	}
	return t, ""
}

func unix(n number) time.Time {
	whole, fraction := math.Modf(float64(n))
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}
