package snapshot

import (
	"encoding/binary"
	"math"
	"reflect"
	"time"
	"unsafe"
)

// object is a pointer's target: a struct and its first field have one address.
type object struct {
	at   unsafe.Pointer
	kind reflect.Type
}

// writer appends values to out. Numbers of strings and objects are in the order in
// which they were met.
type writer struct {
	out     []byte
	objects map[object]uint64
	strings map[string]uint64
	layouts layouts
}

// Append appends what roots point to. Targets of the anchors are not written, only that
// something points to them. [Shape] must have accepted the roots.
func Append(out []byte, anchors []any, roots ...any) []byte {
	w := &writer{out: out, objects: map[object]uint64{}, strings: map[string]uint64{}, layouts: layouts{}}
	for _, a := range anchors {
		v := reflect.ValueOf(a)
		w.objects[object{v.UnsafePointer(), v.Type().Elem()}] = uint64(len(w.objects))
	}
	for _, r := range roots {
		v := reflect.ValueOf(r)
		w.value(v.Type().Elem(), v.UnsafePointer())
	}
	return w.out
}

func (w *writer) number(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

func (w *writer) text(s string) {
	if n, met := w.strings[s]; met {
		w.number(n + 1)
		return
	}
	w.strings[s] = uint64(len(w.strings))
	w.number(0)
	w.number(uint64(len(s)))
	w.out = append(w.out, s...)
}

// value writes what stands at p.
func (w *writer) value(t reflect.Type, p unsafe.Pointer) {
	if t == timeType {
		w.time(*(*time.Time)(p))
		return
	}
	switch t.Kind() {
	case reflect.String:
		w.text(*(*string)(p))
	case reflect.Struct:
		for _, f := range w.layouts.of(t) {
			w.value(f.of, unsafe.Add(p, f.offset))
		}
	case reflect.Pointer:
		w.pointer(t.Elem(), *(*unsafe.Pointer)(p))
	case reflect.Slice:
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			w.number(0)
			return
		}
		w.number(uint64(v.Len()) + 1)
		if t.Elem().Kind() == reflect.Uint8 {
			w.out = append(w.out, v.Bytes()...) // as one by one
			return
		}
		w.run(t.Elem(), v.UnsafePointer(), v.Len())
	case reflect.Array:
		w.run(t.Elem(), p, t.Len())
	case reflect.Map:
		w.table(t, reflect.NewAt(t, p).Elem())
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		w.out = append(w.out, *(*byte)(p))
	case reflect.Float32:
		w.out = binary.LittleEndian.AppendUint32(w.out, math.Float32bits(*(*float32)(p)))
	case reflect.Float64:
		w.out = binary.LittleEndian.AppendUint64(w.out, math.Float64bits(*(*float64)(p)))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.number(reflect.NewAt(t, p).Elem().Uint())
	default: // signed, as Shape lets nothing else through
		w.out = binary.AppendVarint(w.out, reflect.NewAt(t, p).Elem().Int())
	}
}

func (w *writer) run(t reflect.Type, first unsafe.Pointer, n int) {
	for i := range n {
		w.value(t, unsafe.Add(first, uintptr(i)*t.Size()))
	}
}

// time writes a moment to the nanosecond; it is read back as UTC.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	w.number(uint64(t.Nanosecond()) + 1)
	w.out = binary.AppendVarint(w.out, t.Unix())
}

// pointer writes 0 for nil, 1 and the target when it is met first, and else 2 and more.
func (w *writer) pointer(t reflect.Type, to unsafe.Pointer) {
	if to == nil {
		w.number(0)
		return
	}
	o := object{to, t}
	if n, met := w.objects[o]; met {
		w.number(n + 2)
		return
	}
	w.objects[o] = uint64(len(w.objects))
	w.number(1)
	w.value(t, to)
}

func (w *writer) table(t reflect.Type, v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	w.number(uint64(v.Len()) + 1)
	key, value := reflect.New(t.Key()), reflect.New(t.Elem())
	for each := v.MapRange(); each.Next(); {
		key.Elem().SetIterKey(each)
		value.Elem().SetIterValue(each)
		w.value(t.Key(), key.UnsafePointer())
		w.value(t.Elem(), value.UnsafePointer())
	}
}
