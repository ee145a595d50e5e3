package jsonobject

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"htgateway/geo"
)

// Object is a JSON object that is being written. Its methods add one field each; those
// that begin with Any leave out what is empty, as the tag omitzero does.
type Object struct {
	b     []byte
	begun bool
	err   error
}

// Begin begins an object at the end of b.
func Begin(b []byte) *Object { return &Object{b: append(b, '{')} }

// End ends the object and returns it after what stood before it. An error is that of
// the first field that JSON cannot say (a time after the year 9999, a number that is
// none).
func (o *Object) End() ([]byte, error) { return append(o.b, '}'), o.err }

func (o *Object) name(name string) {
	if o.begun {
		o.b = append(o.b, ',')
	}
	o.begun = true
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *Object) fail(name string, err error) {
	if o.err == nil {
		o.err = fmt.Errorf("cannot write %q as JSON: %w", name, err)
	}
}

// Text adds a text. What is not UTF-8 in it becomes U+FFFD, byte by byte.
func (o *Object) Text(name, text string) {
	o.name(name)
	o.b, _ = jsontext.AppendQuote(o.b, text) // the error tells of U+FFFD
}

// AnyText adds a text unless it is empty.
func (o *Object) AnyText(name, text string) {
	if text != "" {
		o.Text(name, text)
	}
}

// AnyTexts adds a list of texts unless there is none.
func (o *Object) AnyTexts(name string, texts []string) {
	if texts == nil {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, text := range texts {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b, _ = jsontext.AppendQuote(o.b, text) // as in Text
	}
	o.b = append(o.b, ']')
}

// Time adds a time as RFC 3339 writes it, to the nanosecond.
func (o *Object) Time(name string, t time.Time) {
	o.name(name)
	b, err := t.AppendText(append(o.b, '"'))
	if err != nil {
		o.fail(name, err)
		b = o.b
	}
	o.b = append(b, '"')
}

// AnyTime adds a time unless it is zero.
func (o *Object) AnyTime(name string, t time.Time) {
	if !t.IsZero() {
		o.Time(name, t)
	}
}

// Count adds a whole number.
func (o *Object) Count(name string, n uint64) {
	o.name(name)
	o.b = strconv.AppendUint(o.b, n, 10)
}

// AnyFlag adds true, or nothing.
func (o *Object) AnyFlag(name string, set bool) {
	if set {
		o.name(name)
		o.b = append(o.b, "true"...)
	}
}

// AnyBytes adds bytes in base 64 (RFC 4648, section 4) unless they are nil.
func (o *Object) AnyBytes(name string, bytes []byte) {
	if bytes != nil {
		o.name(name)
		o.b = append(base64.StdEncoding.AppendEncode(append(o.b, '"'), bytes), '"')
	}
}

// AnyReading adds a measured number, or nothing when there is none.
func (o *Object) AnyReading(name string, r geo.Reading) {
	if v, known := r.Value(); known {
		o.name(name)
		o.number(name, v)
	}
}

// number writes a number in as few digits as tell it from all others.
func (o *Object) number(name string, v float64) {
	b, err := geo.AppendNumber(o.b, v)
	if err != nil {
		o.fail(name, err)
	}
	o.b = b
}

// AnyFix adds a fix, or nothing when there is none.
func (o *Object) AnyFix(name string, f *geo.Fix) {
	if f == nil {
		return
	}
	o.name(name)
	in := Begin(o.b)
	in.name("point")
	in.b = append(in.b, '[')
	in.number("point", f.Point.Lon())
	in.b = append(in.b, ',')
	in.number("point", f.Point.Lat())
	in.b = append(in.b, ']')
	in.AnyReading("accuracy_m", f.AccuracyM)
	in.AnyReading("speed_mps", f.SpeedMPS)
	in.AnyReading("course_deg", f.CourseDeg)
	in.AnyReading("altitude_m", f.AltitudeM)
	in.AnyTime("time", f.Time)
	in.AnyFlag("no_lock", f.NoLock)
	in.AnyFlag("blurred", f.Blurred)
	in.AnyFlag("forgotten", f.Forgotten)
	b, err := in.End()
	o.b, o.err = b, errors.Join(o.err, err)
}

// Value adds anything else, as encoding/json writes it.
func (o *Object) Value(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		o.fail(name, err)
		b = []byte("null")
	}
	o.name(name)
	o.b = append(o.b, b...)
}
