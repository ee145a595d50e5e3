package aprs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"htgateway/devices"
	"htgateway/devices/protocol/nmea"
	"htgateway/geo"
)

// readSentence reads a raw NMEA sentence of a plain tracker (APRS101 chapter 5,
// identifier $): RMC, GGA and GLL of any talker. A checksum may be missing.
func readSentence(b []byte, r *devices.Report) error {
	if len(b) < 6 || b[1] != 'G' {
		return nil // $ULTW and its like: weather stations
	}
	body, sum, summed := strings.Cut(string(bytes.TrimSpace(b[1:])), "*")
	if summed && len(sum) == 2 {
		want, err := strconv.ParseUint(sum, 16, 8)
		if err != nil || byte(want) != xor(body) {
			return fmt.Errorf("%w: checksum", ErrSentence)
		}
	}
	f := strings.Split(body, ",")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	if len(f[0]) != len("GPRMC") {
		return refuse(ErrUnsupported, "sentence", f[0])
	}
	var err error
	switch name := f[0][2:]; {
	case name == "RMC" && len(f) >= 10:
		err = readRMC(f, r)
	case name == "GGA" && len(f) >= 11:
		err = readGGA(f, r)
	case name == "GLL" && len(f) >= 5:
		err = readGLL(f, r)
	default:
		return fmt.Errorf("%w: sentence %s of %d fields", ErrUnsupported, f[0], len(f))
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrSentence, f[0], err)
	}
	r.Kind = devices.KindPosition
	return finish(r.Fix)
}

func readRMC(f []string, r *devices.Report) error {
	if f[2] != "A" {
		return nmea.ErrNoPosition
	}
	p, err := nmea.Position(f[3], f[4], f[5], f[6])
	if err != nil {
		return err
	}
	fix := &geo.Fix{Point: p}
	if fix.Time, err = nmea.Clock(f[1], f[9]); err != nil {
		return err
	}
	if fix.SpeedMPS, err = nmea.Speed(f[7]); err != nil {
		return err
	}
	if fix.CourseDeg, err = nmea.Course(f[8]); err != nil {
		return err
	}
	r.Fix, r.DeviceTime = fix, fix.Time
	return nil
}

func readGGA(f []string, r *devices.Report) error {
	if f[6] == "" || f[6] == "0" {
		return nmea.ErrNoPosition
	}
	p, err := nmea.Position(f[2], f[3], f[4], f[5])
	if err != nil {
		return err
	}
	fix := &geo.Fix{Point: p}
	if f[9] != "" && f[10] == "M" {
		metres, err := strconv.ParseFloat(f[9], 64)
		if err != nil || !(metres > -10000 && metres < 1e6) {
			return nmea.ErrField
		}
		fix.AltitudeM = geo.Measured(metres)
	}
	r.Fix = fix
	return nil
}

func readGLL(f []string, r *devices.Report) error {
	if len(f) > 6 && f[6] != "A" {
		return nmea.ErrNoPosition
	}
	p, err := nmea.Position(f[1], f[2], f[3], f[4])
	if err != nil {
		return err
	}
	r.Fix = &geo.Fix{Point: p}
	return nil
}

func xor(s string) byte {
	var sum byte
	for i := range len(s) {
		sum ^= s[i]
	}
	return sum
}
