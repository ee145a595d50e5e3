package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"
)

// ErrBroken is returned of bytes that [Append] did not write.
var ErrBroken = errors.New("snapshot: bytes are not whole")

type reader struct {
	in      []byte
	objects []object
	strings []string
	layouts layouts
}

// Read sets what roots point to from the bytes that [Append] wrote with the same
// anchors and roots of the same [Shape]. After an error the targets are to be thrown
// away. Errors: [ErrBroken].
func Read(in []byte, anchors []any, roots ...any) (err error) {
	r := &reader{in: in, layouts: layouts{}}
	for _, a := range anchors {
		v := reflect.ValueOf(a)
		r.objects = append(r.objects, object{v.UnsafePointer(), v.Type().Elem()})
	}
	defer func() {
		switch said := recover().(type) {
		case nil:
		case broken:
			err = fmt.Errorf("%w: %s", ErrBroken, string(said))
		default:
			panic(said)
		}
	}()
	for _, root := range roots {
		v := reflect.ValueOf(root)
		r.value(v.Type().Elem(), v.UnsafePointer())
	}
	if len(r.in) > 0 {
		return fmt.Errorf("%w: %d are too many", ErrBroken, len(r.in))
	}
	return nil
}

// broken ends reading from any depth.
type broken string

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.in)
	if size <= 0 {
		panic(broken("a number ends early"))
	}
	r.in = r.in[size:]
	return n
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.in)
	if size <= 0 {
		panic(broken("a number ends early"))
	}
	r.in = r.in[size:]
	return n
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.in)) {
		panic(broken("something ends early"))
	}
	b := r.in[:n]
	r.in = r.in[n:]
	return b
}

func (r *reader) text() string {
	n := r.number()
	if n == 0 {
		s := string(r.bytes(r.number()))
		r.strings = append(r.strings, s)
		return s
	}
	if n > uint64(len(r.strings)) {
		panic(broken("a text was not met before"))
	}
	return r.strings[n-1]
}

func (r *reader) value(t reflect.Type, p unsafe.Pointer) {
	if t == timeType {
		*(*time.Time)(p) = r.time()
		return
	}
	switch t.Kind() {
	case reflect.String:
		*(*string)(p) = r.text()
	case reflect.Struct:
		for _, f := range r.layouts.of(t) {
			r.value(f.of, unsafe.Add(p, f.offset))
		}
	case reflect.Pointer:
		*(*unsafe.Pointer)(p) = r.pointer(t.Elem())
	case reflect.Slice:
		r.slice(t, reflect.NewAt(t, p).Elem())
	case reflect.Array:
		r.run(t.Elem(), p, t.Len())
	case reflect.Map:
		r.table(t, reflect.NewAt(t, p).Elem())
	case reflect.Bool:
		*(*bool)(p) = r.bytes(1)[0] != 0
	case reflect.Int8, reflect.Uint8:
		*(*byte)(p) = r.bytes(1)[0]
	case reflect.Float32:
		*(*float32)(p) = math.Float32frombits(binary.LittleEndian.Uint32(r.bytes(4)))
	case reflect.Float64:
		*(*float64)(p) = math.Float64frombits(binary.LittleEndian.Uint64(r.bytes(8)))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		reflect.NewAt(t, p).Elem().SetUint(r.number())
	default:
		reflect.NewAt(t, p).Elem().SetInt(r.signed())
	}
}

func (r *reader) run(t reflect.Type, first unsafe.Pointer, n int) {
	for i := range n {
		r.value(t, unsafe.Add(first, uintptr(i)*t.Size()))
	}
}

func (r *reader) time() time.Time {
	n := r.number()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(r.signed(), int64(n-1)).UTC()
}

func (r *reader) pointer(t reflect.Type) unsafe.Pointer {
	switch n := r.number(); n {
	case 0:
		return nil
	case 1:
		at := reflect.New(t).UnsafePointer()
		r.objects = append(r.objects, object{at, t}) // before its content, which may lead back
		r.value(t, at)
		return at
	default:
		if n-2 >= uint64(len(r.objects)) || r.objects[n-2].kind != t {
			panic(broken("an object was not met before"))
		}
		return r.objects[n-2].at
	}
}

// count is the length of a slice or map plus one, which cannot be more than the bytes
// left: no element is written in none.
func (r *reader) count(each uintptr) int {
	n := r.number()
	if n > uint64(len(r.in))+1 && each > 0 {
		panic(broken("a list is too long"))
	}
	return int(n)
}

func (r *reader) slice(t reflect.Type, v reflect.Value) {
	n := r.count(t.Elem().Size())
	if n == 0 {
		v.SetZero()
		return
	}
	made := reflect.MakeSlice(t, n-1, n-1)
	if t.Elem().Kind() == reflect.Uint8 {
		copy(made.Bytes(), r.bytes(uint64(n)-1))
		v.Set(made)
		return
	}
	r.run(t.Elem(), made.UnsafePointer(), n-1)
	v.Set(made)
}

func (r *reader) table(t reflect.Type, v reflect.Value) {
	n := r.count(1)
	if n == 0 {
		v.SetZero()
		return
	}
	made := reflect.MakeMapWithSize(t, n-1)
	for range n - 1 {
		key, value := reflect.New(t.Key()), reflect.New(t.Elem())
		r.value(t.Key(), key.UnsafePointer())
		r.value(t.Elem(), value.UnsafePointer())
		made.SetMapIndex(key.Elem(), value.Elem())
	}
	v.Set(made)
}
