package fixlog

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/state/snapshot"
	"htgateway/geo"
)

// twoOrigins are origins for what is packed in tests.
var dayBegan = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func twoOrigins() []*Origin {
	return []*Origin{{Device: "fleetsync:102-1001", Clock: "device"}, {Device: "aprs:YB1ZZZ-9", Clock: "gateway", Away: true}}
}

// sameFixes holds fixes against what became of them, bit by bit.
func sameFixes(t testing.TB, want, got []*Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d fixes, not %d", len(got), len(want))
	}
	for i := range want {
		w, g := *want[i], *got[i]
		for k := range w.Fix.Point {
			if a, b := math.Float64bits(w.Fix.Point[k]), math.Float64bits(g.Fix.Point[k]); a != b {
				t.Fatalf("fix %d: coordinate %d is %x, not %x", i, k, b, a)
			}
		}
		a, b := *w.Fix, *g.Fix
		for _, r := range [][2]geo.Reading{{a.AccuracyM, b.AccuracyM}, {a.SpeedMPS, b.SpeedMPS}, {a.CourseDeg, b.CourseDeg}, {a.AltitudeM, b.AltitudeM}} {
			if x, y := math.Float64bits(r[0].Or(-1)), math.Float64bits(r[1].Or(-1)); x != y || r[0].IsZero() != r[1].IsZero() {
				t.Fatalf("fix %d: %v is read back as %v", i, r[0], r[1])
			}
		}
		a.Point, b.Point, w.Fix, g.Fix = [2]float64{}, [2]float64{}, nil, nil // NaN is not itself
		if w != g || a != b {
			t.Fatalf("fix %d is read back as\n%+v %+v, not\n%+v %+v", i, g, b, w, a)
		}
	}
}

// packedAndBack packs fixes, unpacks them, and packs them again.
func packedAndBack(t testing.TB, list []*Entry) {
	t.Helper()
	origins := twoOrigins()[:0]
	packed := pack(list, &origins)
	back, err := unpack(packed, origins)
	if err != nil {
		t.Fatal(err)
	}
	sameFixes(t, list, back)
	if again := pack(back, &origins); !slices.Equal(again, packed) {
		t.Fatalf("packed again they are\n%x, not\n%x", again, packed)
	}
	latest, aside := list[0].Known.Seq, false
	for _, e := range list {
		aside = aside || e.Aside
		latest = max(latest, e.Known.Seq)
	}
	h := headOf(packed)
	if h.first() != list[0].Own || h.latest != latest || h.anyAside != aside {
		t.Fatalf("the head says %v, %v, %v", h.first(), h.latest, h.anyAside)
	}
}

// plainFix is a fix as most are.
func plainFix(n int, origin *Origin) *Entry {
	at := dayBegan.Add(time.Duration(n) * 30 * time.Second)
	id := journal.Digest(fmt.Sprint(n))
	return &Entry{
		Known: Known{uint64(1000 + n), Key{at.Add(1234567 * time.Microsecond), id}}, Own: Key{at, id}, Origin: origin,
		Fix: &geo.Fix{Point: [2]float64{108.2274 + float64(n)/1e4, -6.8364}, Time: at, AccuracyM: geo.Measured(8)},
	}
}

// TestPackedFixComesBackWhole packs fixes one of which differs from the others in one
// field, whichever it is: a field that is new, and of which packing knows nothing, is
// found by reflection.
func TestPackedFixComesBackWhole(t *testing.T) {
	t.Parallel()
	origins := twoOrigins()
	values := map[reflect.Type][]any{
		reflect.TypeFor[bool]():          {true},
		reflect.TypeFor[uint64]():        {uint64(0), uint64(1), uint64(1 << 40), uint64(math.MaxUint64)},
		reflect.TypeFor[string]():        {"", "odd id", "i7", "aaaaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaae", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "a\x00ü"},
		reflect.TypeFor[geo.Exclusion](): {geo.Impossible, geo.NotLater, geo.Exclusion("one that is new")},
		reflect.TypeFor[*Origin]():       {origins[1]},
		reflect.TypeFor[time.Time](): {
			time.Time{}, dayBegan, dayBegan.Add(1), dayBegan.Add(time.Microsecond), dayBegan.Add(time.Millisecond), dayBegan.Add(-time.Nanosecond),
			time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		},
		reflect.TypeFor[float64](): {
			0.0, math.Copysign(0, -1), 1.0, -1.0, 0.1, 108.2274001, 1e-9, 1e-10, 1.0 / 3, 1e15, 1e300, math.MaxFloat64, math.SmallestNonzeroFloat64,
			math.Inf(1), math.NaN(), float64(1<<53 - 1), float64(1 << 53), 0.30000000000000004,
		},
		reflect.TypeFor[geo.Reading](): {
			geo.Reading{}, geo.Measured(0), geo.Measured(math.Copysign(0, -1)), geo.Measured(12.5), geo.Measured(-1e9), geo.Measured(1.0 / 7), geo.Measured(math.MaxFloat64),
		},
	}
	tried := 0
	var vary func(name string, field func(*Entry) reflect.Value)
	vary = func(name string, field func(*Entry) reflect.Value) {
		of := field(plainFix(0, origins[0])).Type()
		each := values[of]
		if of != reflect.TypeFor[time.Time]() && of != reflect.TypeFor[geo.Reading]() {
			switch of.Kind() {
			case reflect.Struct:
				for i := range of.NumField() {
					vary(name+"."+of.Field(i).Name, func(e *Entry) reflect.Value { return field(e).Field(i) })
				}
				return
			case reflect.Array:
				for i := range of.Len() {
					vary(fmt.Sprint(name, i), func(e *Entry) reflect.Value { return field(e).Index(i) })
				}
				return
			case reflect.Pointer:
				if of != reflect.TypeFor[*Origin]() {
					vary(name, func(e *Entry) reflect.Value { return field(e).Elem() })
					return
				}
			}
		}
		if len(each) == 0 {
			t.Errorf("Entry%s: no value of a %s is tried", name, of)
		}
		for _, v := range each {
			list := []*Entry{plainFix(0, origins[0]), plainFix(1, origins[0]), plainFix(2, origins[0])}
			at := field(list[1])
			reflect.NewAt(of, at.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(v)) // #nosec G103 -- the field is not exported
			packedAndBack(t, list)
			packedAndBack(t, list[1:])
			tried++
		}
	}
	vary("", func(e *Entry) reflect.Value { return reflect.ValueOf(e).Elem() })
	if tried < 80 {
		t.Errorf("only %d values were tried", tried)
	}
}

// madeUp are fixes in which everything is by chance.
func madeUp(seed uint64, n int) []*Entry {
	chance := rand.New(rand.NewPCG(seed, 1))
	origins := twoOrigins()
	moment := func() time.Time {
		switch chance.IntN(8) {
		case 0:
			return time.Time{}
		case 1:
			return time.Unix(chance.Int64N(1<<36)-1<<35, chance.Int64N(1e9)).UTC()
		}
		return dayBegan.Add(time.Duration(chance.Int64N(1e14)) / time.Duration(math.Pow10(chance.IntN(9))) * time.Duration(math.Pow10(chance.IntN(5))))
	}
	number := func() float64 {
		switch chance.IntN(6) {
		case 0:
			return math.Float64frombits(chance.Uint64())
		case 1:
			return chance.NormFloat64()
		}
		return float64(chance.IntN(1<<30)-1<<29) / math.Pow10(chance.IntN(12))
	}
	reading := func() geo.Reading {
		if chance.IntN(4) == 0 {
			return geo.Reading{}
		}
		return geo.Measured(number())
	}
	id := func() string {
		if chance.IntN(4) == 0 {
			return string([]byte("odd id of any length")[:chance.IntN(20)])
		}
		return journal.Digest(fmt.Sprint(chance.Uint64()))
	}
	is := func() bool { return chance.IntN(5) == 0 }
	out := make([]*Entry, n)
	for i := range out {
		e := &Entry{
			Own: Key{moment(), id()}, Origin: origins[chance.IntN(2)], Why: []geo.Exclusion{"", "", geo.Impossible, geo.NotLater}[chance.IntN(4)],
			Aside: is(), Doubted: is(), On: is(), Incident: []string{"", "i1", journal.Digest("i2")}[chance.IntN(3)],
			Fix: &geo.Fix{
				Point: [2]float64{number(), number()}, AccuracyM: reading(), SpeedMPS: reading(), CourseDeg: reading(), AltitudeM: reading(),
				NoLock: is(), Blurred: is(), Forgotten: is(), Time: moment(),
			},
		}
		if e.Known = (Known{uint64(chance.IntN(1000)), e.Own}); is() {
			e.Known = Known{chance.Uint64(), Key{moment(), id()}}
		}
		if is() {
			e.Fix.Time = e.Own.At
		}
		out[i] = e
	}
	return out
}

// FuzzPackedFixes packs made-up fixes, and reads bytes that nobody packed: an error or
// some fixes, but never a panic.
func FuzzPackedFixes(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, []byte{byte(seed), 7, 255, 1})
	}
	f.Fuzz(func(t *testing.T, seed uint64, noise []byte) {
		list := madeUp(seed, 1+int(seed%37))
		packedAndBack(t, list)
		origins := twoOrigins()
		packed := pack(list, &origins)
		if _, err := unpack(noise, origins); err == nil && len(noise) == 0 {
			t.Error("nothing is read as fixes")
		}
		for n := int(seed % 29); n < len(packed); n += 29 {
			if _, err := unpack(packed[:n], origins); err == nil {
				t.Fatalf("cut at %d of %d it is read", n, len(packed))
			}
			changed := slices.Clone(packed)
			changed[n] ^= 1
			if len(noise) > 0 {
				changed[n] = noise[n%len(noise)]
			}
			_, _ = unpack(changed, origins) // whatever it says
		}
	})
}

// nowhere fails when something of fixes that were dropped is in what is kept.
func nowhere(t *testing.T, f *Log, dropped []*Entry) {
	t.Helper()
	kept := snapshot.Append(nil, nil, f)
	for _, e := range dropped {
		if raw, _ := journal.RawDigest(e.Own.ID); bytes.Contains(kept, raw[:]) || bytes.Contains(kept, []byte(e.Own.ID)) {
			t.Fatalf("%s was dropped and is kept", e.Own.ID)
		}
	}
}

// TestFixesAreKeptAsAList does to fixes that are packed what is done to a plain list.
func TestFixesAreKeptAsAList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		chance := rand.New(rand.NewPCG(seed, 2))
		by := Packing{Newest: 1 + chance.IntN(4), Block: 1 + chance.IntN(5), CloseAfter: 1 + chance.IntN(4)}
		var f Log
		var plain []*Entry // with values of its own
		origin := twoOrigins()[0]
		placeOf := func() Key { return plainFix(chance.IntN(400), origin).Own }
		for range 300 {
			switch chance.IntN(8) {
			default:
				e := plainFix(chance.IntN(400), origin)
				e.Aside = chance.IntN(6) == 0
				same := *e
				f.Add(e)
				plain = insert(plain, &same)
			case 1: // judged otherwise
				if len(plain) > 0 {
					e := plain[chance.IntN(len(plain))]
					e.Why = []geo.Exclusion{"", geo.Impossible}[chance.IntN(2)]
					f.Judge(f.Find(e.Own), e.Why)
				}
			case 2:
				if chance.IntN(4) == 0 {
					after := plainFix(300+chance.IntN(100), origin).Known
					later := func(e *Entry) bool { return e.Known.Compare(after) > 0 }
					got := f.TakeBack(after)
					want := split(&plain, later, nil)
					sameFixes(t, want, got)
				}
			case 3:
				if chance.IntN(4) == 0 {
					until := placeOf()
					f.Forget(func(e *Entry) bool { return e.Aside || e.Own.Compare(until) < 0 }, func(first, _ time.Time) bool { return !first.After(until.At) })
					nowhere(t, &f, split(&plain, func(e *Entry) bool { return e.Aside || e.Own.Compare(until) < 0 }, nil))
				}
			case 4: // kept, and taken up
				if err := f.Check(); err != nil {
					t.Fatal(err)
				}
			}
			f.Pack(by)
			judged := slices.DeleteFunc(slices.Clone(plain), func(e *Entry) bool { return e.Aside })
			m := placeOf()
			n, _ := slices.BinarySearchFunc(judged, m, byOwn)
			if chance.IntN(3) == 0 {
				sameFixes(t, judged[n:], slices.Collect(f.From(m)))
			}
			if chance.IntN(3) == 0 {
				back := slices.Clone(judged[:n])
				slices.Reverse(back)
				sameFixes(t, back, slices.Collect(f.Before(m)))
			}
			if i, is := slices.BinarySearchFunc(plain, m, byOwn); is != (f.Find(m) != nil) {
				t.Fatalf("whether there is a fix at %v is %v", m, !is)
			} else if is {
				sameFixes(t, plain[i:i+1], []*Entry{f.Find(m)})
			}
		}
	}
}

// TestBrokenBlocksAreRefused: a log that was read from a file is checked as a whole, rather
// than found to be broken when the first late fix comes.
func TestBrokenBlocksAreRefused(t *testing.T) {
	t.Parallel()
	var f Log
	for n := range 100 {
		f.Add(plainFix(n, twoOrigins()[0]))
		f.Pack(DefaultPacking)
	}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	b := &f.blocks[2]
	b.packed = b.packed[:len(b.packed)-1]
	if err := f.Check(); !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
}
