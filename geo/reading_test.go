package geo

import (
	"encoding/json"
	"math"
	"testing"
)

// FuzzReading holds the short way of reading a number against the long one.
func FuzzReading(f *testing.F) {
	for _, s := range []string{"0", "-0", "1.5", "-12.25", "01", "1.", ".5", "+1", "1e3", "null", "-", "1.2.3", "99999999999999999999", `"1"`, "0x1", "1_0", " 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, plain := plainNumber([]byte(s))
		if !plain {
			return
		}
		var want float64
		if err := json.Unmarshal([]byte(s), &want); err != nil || want != v {
			t.Errorf("%q is %v, not %v (%v)", s, v, want, err)
		}
	})
}

// FuzzWriteReading holds the short way of writing a number against the long one.
func FuzzWriteReading(f *testing.F) {
	for _, v := range []float64{0, 1.5, -12.25, 1e-6, 9.99e-7, 1e20, 1e21, 5e-324, -1e300, 0.1} {
		f.Add(v)
	}
	f.Add(math.Copysign(0, -1))
	f.Fuzz(func(t *testing.T, v float64) {
		got, err := Measured(v).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v)
		if err != nil { // not a number: there is no reading
			want = []byte("null")
		}
		if string(got) != string(want) {
			t.Errorf("%s, not %s", got, want)
		}
	})
}
