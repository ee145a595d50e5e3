package snapshot_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"htgateway/gateway/state/snapshot"
)

type rule struct{ radius float64 }

type stop struct {
	name  string
	at    time.Time
	next  *stop
	rule  *rule
	marks map[string][]int16
	flags [3]bool
	raw   []byte
	kinds map[struct{ a, b string }]*stop
	score float32
	n     uint32
	none  *int //nolint:unused // by reflection
	big   int64
}

type route struct {
	first, last *stop
	all         []*stop
	empty       []*stop
	rule        rule
}

func example() *route {
	r := &route{rule: rule{100}, empty: []*stop{}}
	a := &stop{name: "depot", at: time.Date(2026, 11, 24, 7, 0, 0, 1, time.UTC), rule: &r.rule, marks: map[string][]int16{"x": {1, -2}, "nil": nil}, flags: [3]bool{true, false, true}}
	b := &stop{name: "depot", next: a, raw: []byte{0, 255}, score: -1.5, n: math.MaxUint32, big: math.MinInt64, kinds: map[struct{ a, b string }]*stop{{"p", "q"}: a}}
	a.next = b // a ring
	r.first, r.last, r.all = a, b, []*stop{a, b, a, nil}
	return r
}

// TestComesBackAsItWas: values, shared pointers, a ring, what is nil and what is empty.
func TestComesBackAsItWas(t *testing.T) {
	t.Parallel()
	from := example()
	b := snapshot.Append(nil, []any{&from.rule}, &from.first, &from.last, &from.all, &from.empty)
	var to route
	to.rule = rule{100}
	if err := snapshot.Read(b, []any{&to.rule}, &to.first, &to.last, &to.all, &to.empty); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(from, &to) {
		t.Errorf("%+v", to)
	}
	if to.first != to.all[0] || to.first.next != to.last || to.last.next != to.first || to.first.rule != &to.rule {
		t.Error("pointers that were one are two")
	}
	if to.first.at != from.first.at {
		t.Errorf("%#v, not %#v", to.first.at, from.first.at)
	}
}

func TestShapeTellsTypesApart(t *testing.T) {
	t.Parallel()
	type one struct{ a, b string } //nolint:unused // by reflection
	type two struct{ a, c string } //nolint:unused // by reflection
	first, err := snapshot.Shape(new(one))
	if err != nil {
		t.Fatal(err)
	}
	if second, err := snapshot.Shape(new(two)); err != nil || second == first {
		t.Errorf("%s, %v", second, err)
	}
	if _, err := snapshot.Shape(new(struct{ f []map[string]error })); err == nil {
		t.Error("an interface is kept")
	}
}

// TestBrokenBytesAreRefused cuts and changes bytes everywhere: an error or other
// values, but never a panic.
func TestBrokenBytesAreRefused(t *testing.T) {
	t.Parallel()
	from := example()
	whole := snapshot.Append(nil, []any{&from.rule}, &from.first, &from.all)
	read := func(b []byte) error {
		var to route
		return snapshot.Read(b, []any{&to.rule}, &to.first, &to.all)
	}
	for n := range whole {
		if err := read(whole[:n]); !errors.Is(err, snapshot.ErrBroken) {
			t.Errorf("cut at %d: %v", n, err)
		}
		for _, bit := range []byte{1, 0x40, 0x80} {
			changed := append([]byte(nil), whole...)
			changed[n] ^= bit
			if err := read(changed); err != nil && !errors.Is(err, snapshot.ErrBroken) {
				t.Errorf("bit %d of byte %d: %v", bit, n, err)
			}
		}
	}
}

func Example() {
	type unit struct{ callSign string }
	from := []*unit{{"DAMKAR 1"}}
	var to []*unit
	err := snapshot.Read(snapshot.Append(nil, nil, &from), nil, &to)
	fmt.Println(to[0].callSign, err)
	// Output: DAMKAR 1 <nil>
}
