package aprs

import (
	"bytes"

	"htgateway/geo"
)

// readExtension reads what follows a position: course and speed (APRS101 chapter
// 7), altitude anywhere in the comment (chapter 6) and the extra digits of
// !DAO! (1.2 addendum). Antenna data (PHG, RNG) say nothing of a unit.
func readExtension(b []byte, fix *geo.Fix) {
	if len(b) >= 7 && b[3] == '/' && isReading(b[:3]) && isReading(b[4:7]) {
		// A course that is blank or 000 is unknown; the radio's zero is kept, since
		// it is what it said.
		course, ok := number(b[:3])
		if !ok || course > 360 {
			course = 0
		}
		fix.CourseDeg = geo.Measured(float64(course))
		if knots, ok := number(b[4:7]); ok {
			fix.SpeedMPS = geo.Measured(float64(knots) * metresPerSecondInKnot)
		}
		b = b[7:]
	}
	readComment(b, fix)
}

// readComment reads altitude and extra digits out of a comment.
func readComment(b []byte, fix *geo.Fix) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("/A="))
		if i < 0 {
			break
		}
		at += i + 3
		if feet, ok := altitude(b[at:]); ok {
			fix.AltitudeM = geo.Measured(float64(feet) * metresInAFoot)
			break
		}
	}
	left, right := withoutTelemetry(b)
	if !readDAO(right, fix) {
		readDAO(left, fix)
	}
}

// withoutTelemetry cuts a comment in two around the telemetry that it may hold
// between bars, whose digits may look like anything: a sequence number and one to
// six values of two characters in base 91 (the comment telemetry addendum).
func withoutTelemetry(b []byte) (left, right []byte) {
	closing := bytes.LastIndexByte(b, '|')
	for closing > 0 {
		opening := bytes.LastIndexByte(b[:closing], '|')
		if opening < 0 {
			break
		}
		if n := closing - opening - 1; n >= 4 && n <= 14 && n%2 == 0 && all91(b[opening+1:closing]) {
			return b[:opening], b[closing+1:]
		}
		closing = opening
	}
	return nil, b
}

func all91(b []byte) bool {
	for _, c := range b {
		if !is91(c) {
			return false
		}
	}
	return true
}

// readDAO refines the point by the last !DAO! of b: a comment may hold
// exclamation marks of its own. It tells whether there was one.
func readDAO(b []byte, fix *geo.Fix) bool {
	for end := len(b); ; {
		i := bytes.LastIndexByte(b[:end], '!')
		if i < 4 {
			return false
		}
		if b[i-4] == '!' && refine(b[i-3:i], fix) {
			return true
		}
		end = i
	}
}

// isReading tells whether a field of three is digits, blank or dotted out.
func isReading(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && c != ' ' && c != '.' {
			return false
		}
	}
	return true
}

// altitude reads six digits of feet, or a minus and five.
func altitude(b []byte) (int, bool) {
	if len(b) < 6 {
		return 0, false
	}
	if b[0] == '-' {
		n, ok := number(b[1:6])
		return -n, ok
	}
	return number(b[:6])
}

// refine adds the digits of DAO to the point, away from the equator and from
// Greenwich: a capital with two decimal digits (thousandths of a minute), a
// small letter with two of base 91 (of a hundredth). It tells whether dao was
// one.
func refine(dao []byte, fix *geo.Fix) bool {
	var lat, lon float64
	switch datum := dao[0]; {
	case datum >= 'A' && datum <= 'Z' && isDigit(dao[1]) && isDigit(dao[2]):
		lat, lon = float64(dao[1]-'0')*0.001/60, float64(dao[2]-'0')*0.001/60
	case datum >= 'a' && datum <= 'z' && is91(dao[1]) && is91(dao[2]):
		lat, lon = float64(dao[1]-33)/91*0.01/60, float64(dao[2]-33)/91*0.01/60
	case is91(datum) && dao[1] == ' ' && dao[2] == ' ':
		return true // only the datum
	default:
		return false
	}
	if fix.Point[1] < 0 {
		lat = -lat
	}
	if fix.Point[0] < 0 {
		lon = -lon
	}
	fix.Point[1] += lat
	fix.Point[0] += lon
	return true
}

func is91(c byte) bool { return c >= 0x21 && c <= 0x7b }
