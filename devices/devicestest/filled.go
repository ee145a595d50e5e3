package devicestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"htgateway/geo"
)

var texts = []string{"damkar-1", "Jl. <KH Abdul Halim> & \"Pasar\"", "garis\nbaru\t\x01\u2028", "rusak \xff\xfe", "é漢字🚒", `\`}

var numbers = []float64{0, math.Copysign(0, -1), -6.8364, 108.2274, 1e-7, -1.5e-300, 1e21, math.MaxFloat64, 1e20, 0.1}

// fill sets a value and what is in it, at random: each field is empty as often as not.
// One that is added later is filled too.
func fill(r *rand.Rand, v reflect.Value) {
	if r.IntN(2) == 0 {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()))
		return
	case geo.Reading:
		v.Set(reflect.ValueOf(geo.Measured(numbers[r.IntN(len(numbers))])))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64N(100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.SetUint(r.Uint64N(100))
	case reflect.Uint64:
		v.SetUint(r.Uint64())
	case reflect.Float64:
		v.SetFloat(numbers[r.IntN(len(numbers))])
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(r, v.Field(i))
			}
		}
	}
}

// Written is what writes itself as JSON.
type Written interface {
	AppendJSON(b []byte) ([]byte, error)
}

// FilledWriteAsEncodingJSON is [WritesAsEncodingJSON] of thousands that are filled at
// random.
func FilledWriteAsEncodingJSON[T any, P interface {
	*T
	Written
}](t *testing.T) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- what is filled is no secret, and the same in every run
	for range 5000 {
		var v T
		fill(r, reflect.ValueOf(&v).Elem())
		WritesAsEncodingJSON(t, P(&v))
	}
}

// WritesAsEncodingJSON holds what writes itself to what encoding/json writes of it: the
// same fields with the same values, in the same order.
func WritesAsEncodingJSON(t *testing.T, v Written) {
	t.Helper()
	const before = "before "
	ours, err := v.AppendJSON([]byte(before))
	theirs, wrong := json.Marshal(v)
	if (err == nil) != (wrong == nil) {
		t.Fatalf("%+v: %v, and encoding/json: %v", v, err, wrong)
	}
	if err != nil {
		return
	}
	ours, is := bytes.CutPrefix(ours, []byte(before))
	if !is || !bytes.Equal(unescaped(ours), unescaped(theirs)) {
		t.Fatalf("wrote\n%s\nencoding/json\n%s", ours, theirs)
	}
}

// unescaped has the characters as they are that only one of the two escapes.
func unescaped(b []byte) []byte {
	for _, c := range "<>&\u2028\uFFFD" {
		b = bytes.ReplaceAll(b, fmt.Appendf(nil, `\u%04x`, c), []byte(string(c)))
	}
	return b
}
