package geo

import (
	"encoding/json"
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
