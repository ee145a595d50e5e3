package nmea

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/geo"
)

// Reasons for refusing a field.
var (
	ErrNoPosition = errors.New("nmea: position missing")
	ErrField      = errors.New("nmea: field out of its range")
)

// metresPerSecondInAKnot: a knot is 1,852 m an hour, by definition.
const metresPerSecondInAKnot = 1852.0 / 3600

// Position reads latitude, N or S, longitude, E or W, as ddmm.mmmm and
// dddmm.mmmm, into a checked point. Errors: [ErrNoPosition], [ErrField] and
// those of [geo.CheckPoint].
func Position(lat, ns, lon, ew string) (orb.Point, error) {
	if lat == "" || lon == "" || ns == "" || ew == "" {
		return orb.Point{}, ErrNoPosition
	}
	y, err := degrees(lat, 2, ns, "N", "S")
	if err != nil {
		return orb.Point{}, fmt.Errorf("latitude %q %q: %w", lat, ns, err)
	}
	x, err := degrees(lon, 3, ew, "E", "W")
	if err != nil {
		return orb.Point{}, fmt.Errorf("longitude %q %q: %w", lon, ew, err)
	}
	p := orb.Point{x, y}
	return p, geo.CheckPoint(p)
}

// degrees reads degrees of the given width followed by minutes.
func degrees(s string, width int, hemisphere, positive, negative string) (float64, error) {
	if len(s) < width+2 || strings.ContainsAny(s, "+-eExX_ ") {
		return 0, ErrField
	}
	whole, err := strconv.Atoi(s[:width])
	if err != nil {
		return 0, ErrField
	}
	minutes, err := strconv.ParseFloat(s[width:], 64)
	if err != nil || !(minutes >= 0 && minutes < 60) || s[width] == '.' || len(s) > width+1 && s[width+1] == '.' {
		return 0, ErrField
	}
	deg := float64(whole) + minutes/60
	switch hemisphere {
	case positive:
		return deg, nil
	case negative:
		return -deg, nil
	}
	return 0, ErrField
}

// Clock reads hhmmss or hhmmss.sss and, when it is given, ddmmyy. Without a date
// the result is zero: a time of day alone is no time. Two-digit years before 80
// are of this century, as receivers mean them.
func Clock(hhmmss, ddmmyy string) (time.Time, error) {
	if ddmmyy == "" || hhmmss == "" {
		return time.Time{}, nil
	}
	whole, fraction, _ := strings.Cut(hhmmss, ".")
	day, month, year, ok := pairs(ddmmyy)
	hour, minute, second, okClock := pairs(whole)
	if year < 80 {
		year += 2000
	} else {
		year += 1900
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// Date makes the 30th of February a day in March: no receiver means that.
	if !ok || !okClock || hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1 || t.Day() != day {
		return time.Time{}, fmt.Errorf("%w: time %q date %q", ErrField, hhmmss, ddmmyy)
	}
	if fraction != "" {
		f, err := strconv.ParseFloat("0."+fraction, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("%w: time %q", ErrField, hhmmss)
		}
		t = t.Add(time.Duration(f * float64(time.Second)).Round(time.Millisecond))
	}
	return t, nil
}

// pairs reads three numbers of two digits each.
func pairs(s string) (a, b, c int, ok bool) {
	if len(s) != 6 {
		return 0, 0, 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, 0, 0, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	return two(0), two(2), two(4), true
}

// Speed reads knots into metres a second; an empty field is no reading.
func Speed(knots string) (geo.Reading, error) {
	v, err := number(knots, 0, 3000)
	if err != nil || v.IsZero() {
		return v, err
	}
	return geo.Measured(v.Or(0) * metresPerSecondInAKnot), nil
}

// Course reads degrees from true north, 0 to 360; an empty field is no reading.
func Course(deg string) (geo.Reading, error) { return number(deg, 0, 360) }

func number(s string, low, high float64) (geo.Reading, error) {
	if s == "" {
		return geo.Reading{}, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= low && v <= high) {
		return geo.Reading{}, fmt.Errorf("%w: %q", ErrField, s)
	}
	return geo.Measured(v), nil
}
