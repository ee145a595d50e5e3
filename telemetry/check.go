package telemetry

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reasons why no store takes a point. Both stores refuse by the same rules, so
// that a series can be moved from one to the other.
var (
	ErrNoMeasurement = errors.New("point has no measurement")
	ErrNoFields      = errors.New("point has no fields")
	ErrBadName       = errors.New("name is empty, reserved, or holds a control character or backslash")
	ErrBadTags       = errors.New("tags are not sorted by key, or repeat a key, or have an empty value")
	ErrBadTagValue   = errors.New("tag value holds a control character or backslash, or is not UTF-8")
	ErrBadField      = errors.New("field is not a finite float64, int64, bool, or UTF-8 string without NUL and carriage return")
	ErrBadTime       = errors.New("time cannot be written in nanoseconds since 1970")
)

// Earliest and Latest are the times that a point can have: what fits in 64 bits
// of nanoseconds, less a day at each end, where InfluxDB keeps values of its own.
var (
	Earliest = time.Unix(0, math.MinInt64).Add(24 * time.Hour).UTC()
	Latest   = time.Unix(0, math.MaxInt64).Add(-24 * time.Hour).UTC()
)

// longestText is the longest tag value or string field, in bytes, that InfluxDB
// takes (its limit for both is 64 KiB).
const longestText = 64*1024 - 1

// Check tells why no store will ever take the point, or nil.
func (p Point) Check() error {
	if p.Measurement == "" {
		return ErrNoMeasurement
	}
	if !goodName(p.Measurement) {
		return fmt.Errorf("measurement %q: %w", p.Measurement, ErrBadName)
	}
	for i, t := range p.Tags {
		if err := t.check(); err != nil {
			return err
		}
		if i > 0 && p.Tags[i-1].Key >= t.Key {
			return fmt.Errorf("tag %q: %w", t.Key, ErrBadTags)
		}
	}
	if len(p.Fields) == 0 {
		return ErrNoFields
	}
	for i, f := range p.Fields {
		if err := f.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(p.Fields[:i], func(o Field) bool { return o.Key == f.Key }) || p.Tag(f.Key) != "" {
			return fmt.Errorf("field %q stands twice: %w", f.Key, ErrBadField)
		}
	}
	if p.Time.Before(Earliest) || p.Time.After(Latest) {
		return fmt.Errorf("%s: %w", p.Time.Format(time.RFC3339), ErrBadTime)
	}
	return nil
}

func (t Tag) check() error {
	switch {
	case !goodName(t.Key):
		return fmt.Errorf("tag %q: %w", t.Key, ErrBadName)
	case t.Value == "":
		return fmt.Errorf("tag %q: %w", t.Key, ErrBadTags)
	case len(t.Value) > longestText || !utf8.ValidString(t.Value) || strings.ContainsFunc(t.Value, unfit):
		return fmt.Errorf("tag %q: %w", t.Key, ErrBadTagValue)
	}
	return nil
}

func (f Field) check() error {
	if !goodName(f.Key) {
		return fmt.Errorf("field %q: %w", f.Key, ErrBadName)
	}
	switch v := f.Value.(type) {
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return nil
		}
	case string:
		if len(v) <= longestText && utf8.ValidString(v) && !strings.ContainsAny(v, "\x00\r") {
			return nil
		}
	case int64, bool:
		return nil
	}
	return fmt.Errorf("field %q is %v: %w", f.Key, f.Value, ErrBadField)
}

// goodName holds for names of measurements, tags and fields. Flux keeps names
// that open with an underscore, and four more, for itself.
func goodName(s string) bool {
	switch s {
	case "", "time", "result", "table", "error":
		return false
	}
	return s[0] != '_' && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsFunc(s, unfit)
}

// unfit holds for what line protocol cannot carry in a tag.
func unfit(r rune) bool { return unicode.IsControl(r) || r == '\\' }

// TagValue makes any text fit for a tag. Names come from configuration and from
// other people's systems; a name that cannot be a tag must still differ from
// another, so each unfit character has a visible stand-in of its own. Stores
// apply it to the tags of a query too.
func TagValue(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unfit) && len(s) <= longestText {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\\':
			return '＼'
		case r < 0x20:
			return 0x2400 + r // the control pictures: ␊ for a line feed
		case r == 0x7f:
			return '␡'
		case unicode.IsControl(r):
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	return cut(s)
}

// text makes any text fit for a string field. InfluxDB's answers leave carriage
// returns out, so a line ends as it does on Unix.
func text(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\r") {
		return cut(s)
	}
	return cut(fieldEnds.Replace(strings.ToValidUTF8(s, string(utf8.RuneError))))
}

var fieldEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "␀")

// cut shortens to what a store takes, between characters.
func cut(s string) string {
	if len(s) <= longestText {
		return s
	}
	end := longestText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
