package nmea

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// Decode reads one sentence, with or without its line end. The report's
// ReceivedAt is left to the caller. A sentence that is well formed but carries
// nothing for us is of [devices.KindOther].
func Decode(line []byte) (devices.Report, error) {
	r := devices.Report{Protocol: devices.NMEA, Kind: devices.KindOther}
	s, err := Split(line)
	if err != nil {
		return r, err
	}
	err = Read(s, &r)
	return r, err
}

// Read fills a report from a checked sentence. RMC, GGA and GLL carry no station:
// they are the receiver's own position, and the report names no device.
func Read(s Sentence, r *devices.Report) error {
	if s.Name == "PKWDWPL" {
		return waypoint(s, r)
	}
	if len(s.Name) != 5 {
		return nil
	}
	switch s.Name[2:] {
	case "RMC":
		return rmc(s, r)
	case "GGA":
		return gga(s, r)
	case "GLL":
		return gll(s, r)
	}
	return nil
}

// fixed starts a position; valid false marks coordinates without lock.
func fixed(r *devices.Report, lat, ns, lon, ew string, valid bool) (*geo.Fix, error) {
	r.Kind = devices.KindPosition
	if !valid && lat == "" && lon == "" {
		return nil, nil
	}
	p, err := Position(lat, ns, lon, ew)
	if err != nil {
		return nil, err
	}
	return &geo.Fix{Point: p, NoLock: !valid}, nil
}

// rmc: time, A|V, lat, N|S, lon, E|W, knots, course, date, variation, E|W[, mode].
func rmc(s Sentence, r *devices.Report) error {
	valid, err := validity(s.Field(1))
	if err != nil {
		return err
	}
	fix, err := fixed(r, s.Field(2), s.Field(3), s.Field(4), s.Field(5), valid)
	if err != nil || fix == nil {
		return err
	}
	if err := motion(fix, s.Field(6), s.Field(7)); err != nil {
		return err
	}
	if fix.Time, err = Clock(s.Field(0), s.Field(8)); err != nil {
		return err
	}
	r.DeviceTime, r.Fix = fix.Time, fix
	return nil
}

// gga: time, lat, N|S, lon, E|W, quality, satellites, HDOP, altitude, M, ...
func gga(s Sentence, r *devices.Report) error {
	quality := s.Field(5)
	if len(quality) != 1 || quality[0] < '0' || quality[0] > '9' {
		return fmt.Errorf("%w: fix quality %q", ErrField, quality)
	}
	fix, err := fixed(r, s.Field(1), s.Field(2), s.Field(3), s.Field(4), quality != "0")
	if err != nil || fix == nil {
		return err
	}
	if s.Field(9) == "M" {
		if fix.AltitudeM, err = number(s.Field(8), -1000, 60_000); err != nil {
			return err
		}
	}
	r.Fix = fix
	return nil
}

// gll: lat, N|S, lon, E|W, time, A|V[, mode].
func gll(s Sentence, r *devices.Report) error {
	valid := true
	if v := s.Field(5); v != "" {
		var err error
		if valid, err = validity(v); err != nil {
			return err
		}
	}
	fix, err := fixed(r, s.Field(0), s.Field(1), s.Field(2), s.Field(3), valid)
	r.Fix = fix
	return err
}

func validity(s string) (bool, error) {
	switch s {
	case "A":
		return true, nil
	case "V":
		return false, nil
	}
	return false, fmt.Errorf("%w: validity %q", ErrField, s)
}

func motion(fix *geo.Fix, knots, course string) (err error) {
	if fix.SpeedMPS, err = Speed(knots); err != nil {
		return err
	}
	fix.CourseDeg, err = Course(course)
	return err
}

// waypoint: time, A|V, lat, N|S, lon, E|W, knots, course, date, [altitude,] name,
// symbol. Real radios send V although the position is good, and their clock is
// the base radio's, not the station's: neither is believed. Lines with 10 or 11
// fields exist, so the name and symbol are taken from the end
// (firmware-notes/protocols.md section 4).
func waypoint(s Sentence, r *devices.Report) error {
	r.Kind = devices.KindPosition
	if len(s.Fields) < 10 {
		return fmt.Errorf("%w: %d fields", ErrNotSentence, len(s.Fields))
	}
	fix, err := fixed(r, s.Field(2), s.Field(3), s.Field(4), s.Field(5), true)
	if err != nil {
		return err
	}
	if err := motion(fix, s.Field(6), s.Field(7)); err != nil {
		return err
	}
	// Before the symbol, which may itself hold a comma's worth of odd characters
	// but no comma.
	name := strings.TrimSpace(s.Field(len(s.Fields) - 2))
	if name == "" {
		return fmt.Errorf("%w: waypoint without a name", ErrField)
	}
	r.Device = devices.Identity("aprs:" + name)
	r.Fix = fix
	return nil
}

// Decoder cuts sentences out of a serial line's bytes. It is not safe for
// concurrent use. The zero value is ready.
type Decoder struct{ lines lineCutter }

// Feed takes bytes as they came and returns the frames that they completed,
// refused ones included.
func (d *Decoder) Feed(p []byte, at time.Time) []devices.Frame {
	lines := d.lines.feed(p)
	if len(lines) == 0 {
		return nil
	}
	out := make([]devices.Frame, 0, len(lines))
	for _, line := range lines {
		out = appendFrames(out, line, at)
	}
	return out
}

// Flush ends an unfinished sentence: the line has been quiet or was lost.
func (d *Decoder) Flush(at time.Time) []devices.Frame {
	rest := d.lines.flush()
	if len(rest) == 0 {
		return nil
	}
	return appendFrames(nil, rest, at)
}

// appendFrames reads one line. A line that was cut off may be followed by a whole
// sentence without a line end between them; '$' is also an APRS symbol, so only
// a failed line is looked into for a second start.
func appendFrames(out []devices.Frame, line []byte, at time.Time) []devices.Frame {
	f := frame(line, at)
	if f.Err == nil {
		return append(out, f)
	}
	if second := bytes.LastIndexByte(line, '$'); second > 0 {
		if rest := frame(line[second:], at); rest.Err == nil {
			return append(out, frame(line[:second], at), rest)
		}
	}
	return append(out, f)
}

func frame(line []byte, at time.Time) devices.Frame {
	r, err := Decode(line)
	r.ReceivedAt = at
	if err != nil {
		r.Fix = nil
	}
	return devices.Frame{Raw: line, Report: r, Err: err}
}
