package geo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Reading is a measured number that a device may not have sent. The zero value
// is "not sent", which is different from a measured zero: a parked unit has a
// speed of 0 m/s, a radio without a speedometer has no speed at all.
type Reading struct {
	value float64
	known bool
}

// Measured returns a known reading. A NaN or an infinity is not a measurement
// and gives the unknown reading.
func Measured(v float64) Reading {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Reading{}
	}
	return Reading{value: v, known: true}
}

// Value returns the measured number and whether there is one.
func (r Reading) Value() (float64, bool) { return r.value, r.known }

// Or returns the measured number, or fallback when there is none.
func (r Reading) Or(fallback float64) float64 {
	if r.known {
		return r.value
	}
	return fallback
}

// IsZero reports that there is no measurement; encoding/json's omitzero uses it.
func (r Reading) IsZero() bool { return !r.known }

// MarshalJSON writes the number, or null when there is none.
func (r Reading) MarshalJSON() ([]byte, error) {
	if !r.known {
		return []byte("null"), nil
	}
	return AppendNumber(make([]byte, 0, 24), r.value)
}

// AppendNumber appends a number as encoding/json writes it: each report has several.
// Errors: NaN and the infinities are not numbers.
func AppendNumber(b []byte, v float64) ([]byte, error) {
	if size := math.Abs(v); size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(b, v, 'f', -1, 64), nil
	}
	number, err := json.Marshal(v) // with an exponent
	return append(b, number...), err
}

// UnmarshalJSON reads a number; null is the unknown reading.
func (r *Reading) UnmarshalJSON(b []byte) error {
	if v, plain := plainNumber(b); plain {
		*r = Measured(v)
		return nil
	}
	var v *float64
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("geo: cannot read a measured number: %w", err)
	}
	*r = Reading{}
	if v != nil {
		*r = Measured(*v)
	}
	return nil
}

// plainNumber reads what is plainly a JSON number, as every stored report has several.
func plainNumber(b []byte) (float64, bool) {
	digits := bytes.TrimPrefix(b, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return 0, false
	}
	for _, c := range digits {
		if c != '.' && (c < '0' || c > '9') {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil && digits[len(digits)-1] != '.'
}
