package aprs

import (
	"fmt"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/geo"
)

// micEMessages are the standard messages by their bits A, B and C (APRS101
// chapter 10). The words are the status codes that the codebook knows.
var micEMessages = [8]string{
	0b111: "off duty", 0b110: "en route", 0b101: "in service", 0b100: "returning",
	0b011: "committed", 0b010: "special", 0b001: "priority", 0b000: "emergency",
}

// micECustom are the custom messages by the same bits.
var micECustom = [8]string{
	0b111: "custom 0", 0b110: "custom 1", 0b101: "custom 2", 0b100: "custom 3",
	0b011: "custom 4", 0b010: "custom 5", 0b001: "custom 6", 0b000: "emergency",
}

// readMicE reads a position whose latitude, message and signs are in the
// destination address (APRS101 chapter 10). The message is the setting of a dial
// that every beacon repeats, not a press.
func readMicE(destination, b []byte, r *devices.Report) error {
	if len(b) < 8 || len(destination) < 6 || len(destination) > 6 && destination[6] != '-' {
		return ErrShort
	}
	if !isTable(b[7]) || b[7] >= 'a' && b[7] <= 'j' {
		return fmt.Errorf("%w: %q", ErrSymbol, b[7])
	}
	if b[0] < 0x26 || b[0] > 0x7f || b[1] < 0x26 || b[1] > 0x61 || b[2] < 0x1c || b[2] > 0x7f || b[3] < 0x1c || b[3] > 0x7f ||
		b[4] < 0x1c || b[4] > 0x7d || b[5] < 0x1c || b[5] > 0x7f || b[6] < 0x21 || b[6] > 0x7d || b[6] == '|' {
		return ErrMicE
	}
	a, err := micEAddress([6]byte(destination))
	if err != nil {
		return err
	}
	fix := &geo.Fix{Point: orb.Point{micELongitude(b, a), a.latitude}, AccuracyM: blur(a.ambiguity)}
	speed := (int(b[3])-28)*10 + (int(b[4])-28)/10
	course := (int(b[4])-28)%10*100 + int(b[5]) - 28
	if speed >= 800 {
		speed -= 800
	}
	if course >= 400 {
		course -= 400
	}
	fix.SpeedMPS = geo.Measured(float64(speed) * metresPerSecondInKnot)
	if course >= 0 && course <= 360 {
		fix.CourseDeg = geo.Measured(float64(course))
	}
	readMicEComment(b[8:], fix)
	r.Fix, r.Kind = fix, devices.KindPosition
	r.StatusCode, r.Standing = a.message, a.message != ""
	return finish(fix)
}

// micEField is what the destination address says.
type micEField struct {
	latitude        float64
	ambiguity       int
	message         string
	east100, isWest bool
}

// micEAddress reads the six characters of the destination. Digits are digits;
// P to Z are digits with a standard one bit, A to J with a custom one; L, Z and
// K are blanks.
func micEAddress(d [6]byte) (micEField, error) {
	var (
		f                micEField
		digits           [6]byte
		bits             int
		standard, custom bool
	)
	for i, c := range d {
		one := 0
		switch {
		case isDigit(c):
			digits[i] = c
		case c == 'L':
			digits[i] = ' '
		case c >= 'P' && c <= 'Y':
			digits[i], one = c-'P'+'0', 1
		case c == 'Z':
			digits[i], one = ' ', 1
		case i < 3 && c >= 'A' && c <= 'J':
			digits[i], one, custom = c-'A'+'0', 1, true
		case i < 3 && c == 'K':
			digits[i], one, custom = ' ', 1, true
		default:
			return f, refuse(ErrMicE, "destination", d[:])
		}
		if i < 3 {
			bits = bits<<1 | one
			standard = standard || c >= 'P'
		}
	}
	ambiguity, err := blanks(digits[2:])
	if err != nil || !isDigit(digits[0]) || !isDigit(digits[1]) {
		return f, refuse(ErrMicE, "blank digits in destination", d[:])
	}
	f.ambiguity = ambiguity
	f.latitude = float64(digits[0]-'0')*10 + float64(digits[1]-'0') + minutes([4]byte(digits[2:]), ambiguity)/60
	if d[3] <= 'L' {
		f.latitude = -f.latitude
	}
	f.east100, f.isWest = d[4] >= 'P', d[5] >= 'P'
	switch {
	case standard && custom: // no message is coded with both
	case custom:
		f.message = micECustom[bits]
	default:
		f.message = micEMessages[bits]
	}
	return f, nil
}

// micELongitude reads degrees, minutes and hundredths, each sent plus 28, in
// degrees east.
func micELongitude(b []byte, f micEField) float64 {
	degrees := int(b[0]) - 28
	if f.east100 {
		degrees += 100
	}
	switch {
	case degrees >= 180 && degrees <= 189:
		degrees -= 80
	case degrees >= 190 && degrees <= 199:
		degrees -= 190
	}
	whole := int(b[1]) - 28
	if whole >= 60 {
		whole -= 60
	}
	hundredths := int(b[2]) - 28
	var m float64
	switch f.ambiguity {
	case 0:
		m = float64(whole) + float64(hundredths)/100
	case 1:
		m = float64(whole) + float64(hundredths/10)/10 + 0.05
	case 2:
		m = float64(whole) + 0.5
	case 3:
		m = float64(whole/10*10) + 5
	default:
		m = 30
	}
	lon := float64(degrees) + m/60
	if f.isWest {
		return -lon
	}
	return lon
}

// readMicEComment reads the altitude (three digits of base 91 and a brace, metres
// above 10 km below the sea) and what other comments hold.
func readMicEComment(b []byte, fix *geo.Fix) {
	for i := 3; i < len(b); i++ {
		if b[i] == '}' && is91(b[i-1]) && is91(b[i-2]) && is91(b[i-3]) {
			fix.AltitudeM = geo.Measured(base91(b[i-3:i]) - 10000)
			rest := make([]byte, 0, 64)
			readComment(append(append(rest, b[:i-3]...), b[i+1:]...), fix)
			return
		}
	}
	readComment(b, fix)
}
