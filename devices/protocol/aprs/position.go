package aprs

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

const (
	// plainLength is DDMM.hhN/DDDMM.hhW and the symbol, compressedLength the
	// compressed form with its course or altitude.
	plainLength      = 19
	compressedLength = 13

	metresInAFoot         = 0.3048
	metresPerSecondInKnot = 1852.0 / 3600
	metresInAMinute       = 1852 // of latitude
)

// readLocation reads a position in plain or compressed form and what follows it.
func readLocation(b []byte, r *devices.Report) error {
	if len(b) == 0 {
		return ErrShort
	}
	if b[0] == '!' {
		return nil // raw data of an Ultimeter 2000 weather station
	}
	length, err := readPlace(b, r)
	if err != nil {
		return err
	}
	r.Kind = devices.KindPosition
	return readRest(b, length, r)
}

// readPlace reads the coordinates at the start of b and tells how long they are.
func readPlace(b []byte, r *devices.Report) (int, error) {
	switch {
	case isDigit(b[0]):
		return plainLength, readPlain(b, r)
	case isTable(b[0]):
		return compressedLength, readCompressed(b, r)
	}
	return 0, fmt.Errorf("%w: starts with %q", ErrPosition, b[0])
}

// isTable tells whether c names a symbol table: primary, alternate, or an
// overlay (digits are sent as a to j in compressed form).
func isTable(c byte) bool {
	return c == '/' || c == '\\' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'j' || isDigit(c)
}

// weatherSymbol marks a report whose extension is wind, not course and speed.
const weatherSymbol = '_'

// readRest reads the extension and the comment after a position.
func readRest(b []byte, length int, r *devices.Report) error {
	symbol := b[9]
	if length == plainLength {
		symbol = b[18]
	}
	if symbol != weatherSymbol {
		readExtension(b[length:], r.Fix)
	}
	return finish(r.Fix)
}

// finish checks the point when all its digits are known.
func finish(fix *geo.Fix) error {
	if err := geo.CheckPoint(fix.Point); err != nil {
		return fmt.Errorf("%w: %w", ErrPosition, err)
	}
	return nil
}

// readPlain reads DDMM.hhN/DDDMM.hhW and the symbol (APRS101 chapter 6). Spaces
// for digits are ambiguity: the point is the middle of the cell and its accuracy
// half the cell's side.
func readPlain(b []byte, r *devices.Report) error {
	if len(b) < plainLength {
		return ErrShort
	}
	table, code := b[8], b[18]
	if b[4] != '.' || b[14] != '.' || !isDigit(b[1]) || code < 0x21 || code > 0x7d || code == '|' {
		return ErrPosition
	}
	if table >= 'a' && table <= 'j' || !isTable(table) {
		return fmt.Errorf("%w: %q", ErrSymbol, table)
	}
	var latMin, lonMin [4]byte
	latMin = [4]byte{b[2], b[3], b[5], b[6]}
	lonMin = [4]byte{b[12], b[13], b[15], b[16]}
	ambiguity, err := blanks(latMin[:])
	if err != nil {
		return err
	}
	for i := range 4 {
		if i < 4-ambiguity && !isDigit(lonMin[i]) || i >= 4-ambiguity && !isDigit(lonMin[i]) && lonMin[i] != ' ' {
			return fmt.Errorf("%w: longitude less exact than latitude", ErrPosition)
		}
	}
	latDeg, ok1 := number(b[0:2])
	lonDeg, ok2 := number(b[9:12])
	if !ok1 || !ok2 || latMin[0] > '7' || lonMin[0] > '7' {
		return ErrPosition
	}
	lat := float64(latDeg) + minutes(latMin, ambiguity)/60
	lon := float64(lonDeg) + minutes(lonMin, ambiguity)/60
	if latDeg > 89 || lonDeg > 179 {
		return fmt.Errorf("%w: %d, %d degrees", ErrPosition, latDeg, lonDeg)
	}
	switch b[7] | 0x20 {
	case 's':
		lat = -lat
	case 'n':
	default:
		return ErrPosition
	}
	switch b[17] | 0x20 {
	case 'w':
		lon = -lon
	case 'e':
	default:
		return ErrPosition
	}
	r.Fix = &geo.Fix{Point: orb.Point{lon, lat}, AccuracyM: blur(ambiguity)}
	return nil
}

// blanks counts the digits of minutes left blank from the right.
func blanks(minutes []byte) (int, error) {
	n := 0
	for i := len(minutes) - 1; i >= 0 && minutes[i] == ' '; i-- {
		n++
	}
	for _, c := range minutes[:len(minutes)-n] {
		if !isDigit(c) {
			return 0, fmt.Errorf("%w: blank digits in the middle", ErrPosition)
		}
	}
	return n, nil
}

// minutes reads mm.hh with its last digits blank, as the middle of what they
// could be.
func minutes(d [4]byte, ambiguity int) float64 {
	digit := func(i int) float64 { return float64(d[i] - '0') }
	switch ambiguity {
	case 0:
		return digit(0)*10 + digit(1) + (digit(2)*10+digit(3))/100
	case 1:
		return digit(0)*10 + digit(1) + digit(2)/10 + 0.05
	case 2:
		return digit(0)*10 + digit(1) + 0.5
	case 3:
		return digit(0)*10 + 5
	}
	return 30
}

// blur is half the side of the cell that blank digits leave, in metres; without
// blanks the device claims nothing.
func blur(ambiguity int) geo.Reading {
	if ambiguity == 0 {
		return geo.Reading{}
	}
	return geo.Measured([...]float64{0.05, 0.5, 5, 30}[ambiguity-1] * metresInAMinute)
}

// readCompressed reads table, 4 base-91 digits of latitude, 4 of longitude,
// symbol, course and speed or altitude, and the byte that says which (APRS101
// chapter 9).
func readCompressed(b []byte, r *devices.Report) error {
	if len(b) < compressedLength {
		return ErrShort
	}
	for i, c := range b[:compressedLength] {
		low := byte(0x21)
		if i >= 10 {
			low = 0x20
		}
		if c < low || c > 0x7d || c == '|' || i > 0 && i != 9 && c == '}' {
			return fmt.Errorf("%w: %q in compressed form", ErrPosition, c)
		}
	}
	fix := &geo.Fix{Point: orb.Point{-180 + base91(b[5:9])/190463, 90 - base91(b[1:5])/380926}}
	c, s, kind := int(b[10])-33, int(b[11])-33, int(b[12])-33
	switch {
	case c < 0: // a space: nothing follows
	case kind&0x18 == 0x10:
		fix.AltitudeM = geo.Measured(math.Pow(1.002, float64(c*91+s)) * metresInAFoot)
	case c <= 89:
		course := float64(c * 4)
		if c == 0 {
			course = 360
		}
		fix.CourseDeg = geo.Measured(course)
		fix.SpeedMPS = geo.Measured(compressedSpeed(s))
	}
	r.Fix = fix
	return nil
}

// compressedSpeed is 1.08^s - 1 knots, in m/s.
func compressedSpeed(s int) float64 { return (math.Pow(1.08, float64(s)) - 1) * metresPerSecondInKnot }

// base91 reads digits of base 91, each sent as itself plus 33.
func base91(b []byte) float64 {
	n := 0
	for _, c := range b {
		n = n*91 + int(c) - 33
	}
	return float64(n)
}
