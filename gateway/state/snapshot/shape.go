package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// Shape names the types of roots and of everything that they lead to: what was written
// of one shape can be read into no other. Each root is a pointer. Errors: a type that
// cannot be kept (an interface, a function, a channel).
func Shape(roots ...any) (string, error) {
	sum := sha256.New()
	seen := map[reflect.Type]bool{}
	for _, r := range roots {
		if err := describe(sum, reflect.TypeOf(r), seen); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func describe(w io.Writer, t reflect.Type, seen map[reflect.Type]bool) error {
	fmt.Fprintf(w, "%s %s;", t, t.Kind()) // a hash takes everything
	if seen[t] || t == timeType {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return describe(w, t.Elem(), seen)
	case reflect.Map:
		if err := describe(w, t.Key(), seen); err != nil {
			return err
		}
		return describe(w, t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(w, "%s %d:", f.Name, f.Offset)
			if err := describe(w, f.Type, seen); err != nil {
				return fmt.Errorf("%s of %s: %w", f.Name, t, err)
			}
		}
		return nil
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return nil
	}
	return fmt.Errorf("a %s cannot be kept", strings.TrimSpace(t.String()))
}

// field is where a field stands in its struct.
type field struct {
	of     reflect.Type
	offset uintptr
}

// layouts remembers the fields of structs, which reflection makes anew at each call.
type layouts map[reflect.Type][]field

func (l layouts) of(t reflect.Type) []field {
	fields, known := l[t]
	if !known {
		fields = make([]field, 0, t.NumField())
		for i := range t.NumField() {
			f := t.Field(i)
			fields = append(fields, field{f.Type, f.Offset})
		}
		l[t] = fields
	}
	return fields
}
