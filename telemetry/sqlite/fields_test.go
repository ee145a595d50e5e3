package sqlite

import (
	"reflect"
	"testing"

	"htgateway/telemetry"
)

// FuzzDecode holds the quick way to the other: what it takes it reads the same.
func FuzzDecode(f *testing.F) {
	for _, fields := range [][]telemetry.Field{
		nil, {{Key: "a", Value: 1.0}}, {{Key: "a", Value: int64(-3)}, {Key: "b", Value: true}, {Key: "c", Value: ""}},
		{{Key: "say \"x\"", Value: "a\\b"}, {Key: "é", Value: "🚒,:{}"}, {Key: "big", Value: 1e300}},
	} {
		f.Add(encode(fields))
	}
	f.Add(`{"a":1,}`)
	f.Add(`{"a" :1}`)
	f.Add(`{"a":"b"x}`)
	f.Fuzz(func(t *testing.T, text string) {
		quick, plain := decodePlain(text)
		slow, err := decodeAny(text)
		if err == nil && plain && len(quick)+len(slow) > 0 && !reflect.DeepEqual(quick, slow) {
			t.Errorf("%q: %v, not %v", text, quick, slow)
		}
	})
}
