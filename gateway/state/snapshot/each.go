package snapshot

import (
	"reflect"
	"unsafe"
)

// Each calls do with every value of a type that roots lead to, each once, where it stands,
// so that it can be changed; it does not look into it. Each root is a pointer. What stands
// in a map is put back there after do.
func Each[T any](do func(*T), roots ...any) {
	w := walk{
		want: reflect.TypeFor[T](), do: func(p unsafe.Pointer) { do((*T)(p)) },
		met: map[object]bool{}, leads: map[reflect.Type]bool{}, layouts: layouts{},
	}
	for _, r := range roots {
		v := reflect.ValueOf(r)
		w.value(v.Type().Elem(), v.UnsafePointer())
	}
}

type walk struct {
	want    reflect.Type
	do      func(unsafe.Pointer)
	met     map[object]bool
	leads   map[reflect.Type]bool
	layouts layouts
}

// leadsTo tells whether values of a type may hold one that is wanted. A type that is
// being looked at does not by itself.
func (w *walk) leadsTo(t reflect.Type) bool {
	if t == w.want {
		return true
	}
	if is, known := w.leads[t]; known {
		return is
	}
	is := reaches(t, w.want, map[reflect.Type]bool{})
	w.leads[t] = is
	return is
}

func reaches(t, want reflect.Type, seen map[reflect.Type]bool) bool {
	if t == want {
		return true
	}
	if seen[t] || t == timeType {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map: // keys of maps are not changed
		return reaches(t.Elem(), want, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if reaches(t.Field(i).Type, want, seen) {
				return true
			}
		}
	}
	return false
}

func (w *walk) value(t reflect.Type, p unsafe.Pointer) {
	if !w.leadsTo(t) {
		return
	}
	if t == w.want {
		if o := (object{p, t}); !w.met[o] {
			w.met[o] = true
			w.do(p)
		}
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, f := range w.layouts.of(t) {
			w.value(f.of, unsafe.Add(p, f.offset))
		}
	case reflect.Pointer:
		to := *(*unsafe.Pointer)(p)
		o := object{to, t.Elem()}
		if to == nil || w.met[o] {
			return
		}
		if t.Elem() != w.want {
			w.met[o] = true
		}
		w.value(t.Elem(), to)
	case reflect.Slice:
		v := reflect.NewAt(t, p).Elem()
		w.run(t.Elem(), v.UnsafePointer(), v.Len())
	case reflect.Array:
		w.run(t.Elem(), p, t.Len())
	case reflect.Map:
		v := reflect.NewAt(t, p).Elem()
		for each := v.MapRange(); each.Next(); {
			key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem())
			key.SetIterKey(each)
			value.Elem().SetIterValue(each)
			w.value(t.Elem(), value.UnsafePointer())
			if t.Elem().Kind() != reflect.Pointer {
				v.SetMapIndex(key, value.Elem())
			}
		}
	}
}

func (w *walk) run(t reflect.Type, first unsafe.Pointer, n int) {
	for i := range n {
		w.value(t, unsafe.Add(first, uintptr(i)*t.Size()))
	}
}
