package fieldjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

// MaxPayload is the largest payload that is read, in bytes; MaxText the longest
// text that is kept, in characters.
const (
	MaxPayload = 64 << 10
	MaxText    = 1000
)

// Reasons for refusing a payload.
var (
	ErrTooLarge = errors.New("fieldjson: payload over 64 KiB")
	ErrTopic    = errors.New("fieldjson: topic names no device")
	ErrNotJSON  = errors.New("fieldjson: payload is not a report")
	ErrEmpty    = errors.New("fieldjson: neither position, status, text nor emergency")
	ErrRange    = errors.New("fieldjson: value out of its range")
)

// payload is a report as sent; everything is optional but one of position,
// status, text and emergency.
type payload struct {
	Time       *time.Time  `json:"time"`
	Lat        *float64    `json:"lat"`
	Lon        *float64    `json:"lon"`
	AccuracyM  geo.Reading `json:"accuracy_m"`
	SpeedMPS   geo.Reading `json:"speed_mps"`
	CourseDeg  geo.Reading `json:"course_deg"`
	AltitudeM  geo.Reading `json:"altitude_m"`
	Status     string      `json:"status"`
	Text       string      `json:"text"`
	Emergency  bool        `json:"emergency"`
	BatteryPct geo.Reading `json:"battery_pct"`
	Sequence   sequence    `json:"seq"`
}

// sequence is a number, also in quotation marks, as it was written.
type sequence string

// UnmarshalJSON reads it; null is no number.
func (s *sequence) UnmarshalJSON(b []byte) error {
	if strings.Trim(string(b), "0123456789") == "" && (b[0] != '0' || len(b) == 1) { // as most are
		*s = sequence(b)
		return nil
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*s = sequence(n)
	return err
}

// lenient reads what encoding/json does, in half the time.
var lenient = jsonv2.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true), jsonv2.MatchCaseInsensitiveNames(true))

// Decode reads one publication. A missing time means "now, at the gateway" and
// leaves DeviceTime zero. A status word that nobody knows is kept as its code.
func Decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	r := devices.Report{Protocol: devices.FieldJSON, Kind: devices.KindOther, ReceivedAt: at}
	device, err := deviceOf(topic)
	if err != nil {
		return r, err
	}
	r.Device = devices.Identity("field:" + device)
	if len(body) > MaxPayload {
		return r, ErrTooLarge
	}
	if err := devices.CheckDepth(body); err != nil {
		return r, fmt.Errorf("fieldjson: %w", err)
	}
	var p payload
	if err := jsonv2.Unmarshal(body, &p, lenient); err != nil {
		return r, fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	err = fill(&r, &p)
	if err != nil {
		r.Fix = nil
	}
	return r, err
}

// IsTopic tells whether a topic is one of reports.
func IsTopic(topic string) bool { return strings.HasSuffix(topic, "/report") }

// IsUplink tells whether devices publish their reports on a topic.
func IsUplink(topic string) bool {
	return strings.HasPrefix(topic, "htgateway/devices/") && IsTopic(topic)
}

// deviceOf is the third part of htgateway/devices/{device}/report, whatever the
// prefix before "devices".
func deviceOf(topic string) (string, error) {
	parts := strings.Split(topic, "/")
	n := len(parts)
	if n < 3 || parts[n-1] != "report" || parts[n-3] != "devices" || !devices.IsName(parts[n-2]) {
		return "", ErrTopic
	}
	return parts[n-2], nil
}

func fill(r *devices.Report, p *payload) error {
	if p.Lat == nil != (p.Lon == nil) {
		return fmt.Errorf("%w: one of lat and lon is missing", ErrNotJSON)
	}
	if p.Lat == nil && p.Status == "" && p.Text == "" && !p.Emergency {
		return ErrEmpty
	}
	if p.Time != nil {
		r.DeviceTime = p.Time.UTC()
	}
	r.Sequence, r.Emergency, r.BatteryPct = string(p.Sequence), p.Emergency, p.BatteryPct
	r.DropWildTimes()
	r.Text = firstCharacters(p.Text, MaxText)
	if b, known := p.BatteryPct.Value(); known && (b < 0 || b > 100) {
		return fmt.Errorf("%w: battery_pct %v", ErrRange, b)
	}
	switch {
	case p.Status != "":
		r.Kind = devices.KindStatus
		if s := devices.Status(p.Status); s.Known() && s != devices.StatusOther {
			r.Status = s
		} else {
			r.StatusCode = firstCharacters(p.Status, 64)
		}
	case p.Text != "":
		r.Kind = devices.KindMessage
	case p.Lat != nil:
		r.Kind = devices.KindPosition
	}
	if p.Lat == nil {
		return nil
	}
	return position(r, p)
}

func position(r *devices.Report, p *payload) error {
	point := orb.Point{*p.Lon, *p.Lat}
	if err := geo.CheckPoint(point); err != nil {
		return err
	}
	for _, v := range []struct {
		name      string
		value     geo.Reading
		low, high float64
	}{
		{"accuracy_m", p.AccuracyM, 0, 1e7}, {"speed_mps", p.SpeedMPS, 0, 1000},
		{"course_deg", p.CourseDeg, 0, 360}, {"altitude_m", p.AltitudeM, -1000, 60_000},
	} {
		if n, known := v.value.Value(); known && (n < v.low || n > v.high) {
			return fmt.Errorf("%w: %s %v", ErrRange, v.name, n)
		}
	}
	r.Fix = &geo.Fix{
		Point: point, AccuracyM: p.AccuracyM, SpeedMPS: p.SpeedMPS, CourseDeg: p.CourseDeg,
		AltitudeM: p.AltitudeM, Time: r.DeviceTime,
	}
	return nil
}

func firstCharacters(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
