package meshtastic

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

// packet is what both forms of a packet say.
type packet struct {
	from, to Node
	id       uint32
	gateway  string
	// heardAt is when the gateway node heard it, by that node's clock, in Unix
	// seconds; 0 when it has none.
	heardAt uint32
	rssi    int32 // dBm, 0 when not given

	said content
}

// content is one of the things that a packet can say.
type content interface {
	fill(p *packet, r *devices.Report) error
}

// The contents.
type (
	text     string
	nodeInfo struct{ longName, shortName string }
	// telemetry has a battery level only when it is of the device itself.
	telemetry struct {
		measuredAt uint32
		batteryPct *float64
		voltage    float64 // volt
	}
	// other is content that says nothing of place, status or words.
	other struct{}
)

// position as sent; numbers that were not sent are nil.
type position struct {
	latitude, longitude                *float64 // 1e-7 degree
	altitude, groundSpeed, groundTrack *float64 // metres, km/h, see course
	time, timestamp                    uint32   // Unix seconds, 0 when not sent
	precisionBits                      uint32   // 0 when not sent
}

// sender names who speaks, and the packet's own number. Copies of one packet over
// several gateway nodes, in either form, say the same.
func (p *packet) sender(r *devices.Report, t Topic) {
	if p.from.Single() {
		r.Device = devices.Identity("meshtastic:" + p.from.String())
	}
	if p.to.Single() {
		r.To = p.to.String()
	}
	r.Via = p.gateway
	if r.Via == "" {
		r.Via = t.Gateway
	}
	r.Via = devices.Printable(r.Via, 16, "\n\t")
	if p.id != 0 && r.Device != "" {
		r.Sequence = strconv.FormatUint(uint64(p.id), 10)
		r.Said = []byte(p.from.String() + "/" + r.Sequence)
	}
	if p.rssi < 0 && p.rssi > -200 {
		r.RSSIdBm = geo.Measured(float64(p.rssi))
	}
}

func (p *packet) fill(r *devices.Report) error {
	if r.Device == "" {
		return ErrSender
	}
	p.date(r, 0)
	return p.said.fill(p, r)
}

// firstTime is the earliest time that a node can mean; before it, its clock was
// never set.
var firstTime = time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)

// maxAhead is how far a clock may be ahead of the gateway's.
const maxAhead = 2 * time.Minute

// date sets the time that the sender gave, else the one that the gateway node put
// on the packet, else none: then the time of reception counts.
func (p *packet) date(r *devices.Report, own uint32) {
	r.DeviceTime, r.ClockNote = time.Time{}, ""
	for _, c := range []struct {
		s    uint32
		note string
	}{{own, ""}, {p.heardAt, devices.ClockMeshGateway}} {
		t := time.Unix(int64(c.s), 0).UTC()
		if c.s == 0 {
			continue
		}
		if t.Before(firstTime) || !r.ReceivedAt.IsZero() && t.After(r.ReceivedAt.Add(maxAhead)) {
			r.ClockNote = strings.TrimPrefix(r.ClockNote+" ", " ") + "not_believed:" + t.Format(time.RFC3339)
			continue
		}
		r.DeviceTime, r.ClockNote = t, strings.TrimSpace(c.note+" "+r.ClockNote)
		return
	}
	r.ClockNote = strings.TrimSpace(r.ClockNote)
}

// keyDigits is the longest number that is taken for a status key.
const keyDigits = 3

// fill tells keys from words: a canned message of digits only is a status key, by
// whatever code the codebook has for it.
func (t text) fill(_ *packet, r *devices.Report) error {
	s := devices.Printable(string(t), MaxText, "\n\t")
	if len(s) > 0 && len(s) <= keyDigits && strings.Trim(s, "0123456789") == "" {
		r.Kind, r.StatusCode = devices.KindStatus, s
		return nil
	}
	r.Kind, r.Text = devices.KindMessage, s
	return nil
}

func (n nodeInfo) fill(_ *packet, r *devices.Report) error {
	r.Kind, r.Name = devices.KindID, devices.Printable(n.longName, 64, "\n\t")
	if r.Name == "" {
		r.Name = devices.Printable(n.shortName, 64, "\n\t")
	}
	return nil
}

func (other) fill(*packet, *devices.Report) error { return nil }

// fill takes the battery: 101 means "plugged in", and 0 % at 0 V that the node
// has nothing to measure.
func (t telemetry) fill(p *packet, r *devices.Report) error {
	p.date(r, t.measuredAt)
	if t.batteryPct == nil || *t.batteryPct == 0 && t.voltage == 0 {
		return nil
	}
	pct := *t.batteryPct
	if pct < 0 || pct > 101 || math.IsNaN(pct) {
		return fmt.Errorf("%w: battery_level %v", ErrRange, pct)
	}
	if pct <= 100 {
		r.BatteryPct = geo.Measured(pct)
	}
	return nil
}

// fullPrecision is the number of bits of a position that was not blurred.
const fullPrecision = 32

// fill reads a position. One without coordinates, or at 0, 0, is a node without a
// fix: the JSON form always writes both.
func (s position) fill(p *packet, r *devices.Report) error {
	r.Kind = devices.KindPosition
	own := s.timestamp // of the satellites' solution
	if own == 0 {
		own = s.time
	}
	p.date(r, own)
	if s.latitude == nil || s.longitude == nil {
		return ErrNoFix
	}
	if *s.latitude == 0 && *s.longitude == 0 {
		return fmt.Errorf("%w: %w", ErrNoFix, geo.ErrNullIsland)
	}
	// Divided rather than multiplied: 1e-7 has no exact double, and -6.8364 would
	// come out as -6.836399999.
	fix := &geo.Fix{Point: orb.Point{*s.longitude / 1e7, *s.latitude / 1e7}, Time: r.DeviceTime}
	if err := geo.CheckPoint(fix.Point); err != nil {
		return err
	}
	var err error
	if fix.AltitudeM, err = ranged("altitude", s.altitude, -1000, 60_000); err != nil {
		return err
	}
	if fix.SpeedMPS, err = ranged("ground_speed", s.groundSpeed, 0, 1500); err != nil {
		return err
	}
	if kmh, known := fix.SpeedMPS.Value(); known {
		fix.SpeedMPS = geo.Measured(kmh / 3.6)
	}
	if fix.CourseDeg, err = course(s.groundTrack); err != nil {
		return err
	}
	if b := s.precisionBits; b > 0 && b < fullPrecision {
		fix.Blurred, fix.AccuracyM = true, geo.Measured(blurM(b))
	}
	r.Fix = fix
	return nil
}

// blurM is how far, in metres, the true place may be from the middle of a cell of
// positions that agree in this many bits: half the cell's width along a meridian.
func blurM(bits uint32) float64 {
	const metresADegree = 111_320
	cell := math.Exp2(float64(fullPrecision-bits)) / 1e7 * metresADegree
	return math.Round(cell/2*10) / 10
}

// course reads ground_track, in degrees. mesh.proto has it in 1/100 degree, and
// receivers' drivers in the firmware send 1e-5 degree: what does not fit the first
// is read as the second.
func course(track *float64) (geo.Reading, error) {
	v, err := ranged("ground_track", track, 0, 360e5)
	n, known := v.Value()
	switch {
	case err != nil || !known:
		return geo.Reading{}, err
	case n <= 36_000:
		return geo.Measured(n / 100), nil
	}
	return geo.Measured(n / 1e5), nil
}

func ranged(name string, v *float64, low, high float64) (geo.Reading, error) {
	switch {
	case v == nil:
		return geo.Reading{}, nil
	case math.IsNaN(*v) || *v < low || *v > high:
		return geo.Reading{}, fmt.Errorf("%w: %s %v", ErrRange, name, *v)
	}
	return geo.Measured(*v), nil
}
