package tracker

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

	"htgateway/gateway/incident"

	"htgateway/gateway/journal"
	"htgateway/gateway/state/snapshot"
	"htgateway/geo"
)

// twoWays are origins for what is packed in tests.
func twoWays() []*origin {
	return []*origin{{device: "fleetsync:102-1001", clock: deviceClock}, {device: "aprs:YB1ZZZ-9", clock: gatewayClock, away: true}}
}

// sameFixes holds fixes against what became of them, bit by bit.
func sameFixes(t testing.TB, want, got []*told) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d fixes, not %d", len(got), len(want))
	}
	for i := range want {
		w, g := *want[i], *got[i]
		for k := range w.fix.Point {
			if a, b := math.Float64bits(w.fix.Point[k]), math.Float64bits(g.fix.Point[k]); a != b {
				t.Fatalf("fix %d: coordinate %d is %x, not %x", i, k, b, a)
			}
		}
		a, b := *w.fix, *g.fix
		for _, r := range [][2]geo.Reading{{a.AccuracyM, b.AccuracyM}, {a.SpeedMPS, b.SpeedMPS}, {a.CourseDeg, b.CourseDeg}, {a.AltitudeM, b.AltitudeM}} {
			if x, y := math.Float64bits(r[0].Or(-1)), math.Float64bits(r[1].Or(-1)); x != y || r[0].IsZero() != r[1].IsZero() {
				t.Fatalf("fix %d: %v is read back as %v", i, r[0], r[1])
			}
		}
		a.Point, b.Point, w.fix, g.fix = [2]float64{}, [2]float64{}, nil, nil // NaN is not itself
		if w != g || a != b {
			t.Fatalf("fix %d is read back as\n%+v %+v, not\n%+v %+v", i, g, b, w, a)
		}
	}
}

// packedAndBack packs fixes, unpacks them, and packs them again.
func packedAndBack(t testing.TB, list []*told) {
	t.Helper()
	ways := twoWays()[:0]
	packed := pack(list, &ways)
	back, err := unpack(packed, ways)
	if err != nil {
		t.Fatal(err)
	}
	sameFixes(t, list, back)
	if again := pack(back, &ways); !slices.Equal(again, packed) {
		t.Fatalf("packed again they are\n%x, not\n%x", again, packed)
	}
	latest, aside := list[0].known.at, false
	for _, e := range list {
		aside = aside || e.aside
		if e.known.at.After(latest) {
			latest = e.known.at
		}
	}
	h := headOf(packed)
	if h.first() != list[0].own || h.latest != latest || h.anyAside != aside {
		t.Fatalf("the head says %v, %v, %v", h.first(), h.latest, h.anyAside)
	}
}

// plainFix is a fix as most are.
func plainFix(n int, way *origin) *told {
	at := dayBegan.Add(time.Duration(n) * 30 * time.Second)
	id := journal.Digest(fmt.Sprint(n))
	return &told{
		known: mark{at.Add(1234567 * time.Microsecond), id}, own: mark{at, id}, origin: way,
		fix: &geo.Fix{Point: [2]float64{108.2274 + float64(n)/1e4, -6.8364}, Time: at, AccuracyM: geo.Measured(8)},
	}
}

// TestPackedFixComesBackWhole packs fixes one of which differs from the others in one
// field, whichever it is: a field that is new, and of which packing knows nothing, is
// found by reflection.
func TestPackedFixComesBackWhole(t *testing.T) {
	t.Parallel()
	ways := twoWays()
	notOfAFix := []string{"act", "said"}
	values := map[reflect.Type][]any{
		reflect.TypeFor[bool]():          {true},
		reflect.TypeFor[string]():        {"", "odd id", "i7", "aaaaaaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaae", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "a\x00ü"},
		reflect.TypeFor[geo.Exclusion](): {geo.Impossible, geo.NotLater, geo.Exclusion("one that is new")},
		reflect.TypeFor[*origin]():       {ways[1]},
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
	var vary func(name string, field func(*told) reflect.Value)
	vary = func(name string, field func(*told) reflect.Value) {
		of := field(plainFix(0, ways[0])).Type()
		each := values[of]
		if of != reflect.TypeFor[time.Time]() && of != reflect.TypeFor[geo.Reading]() {
			switch of.Kind() {
			case reflect.Struct:
				for i := range of.NumField() {
					if f := of.Field(i).Name; name != "" || !slices.Contains(notOfAFix, f) {
						vary(name+"."+f, func(e *told) reflect.Value { return field(e).Field(i) })
					}
				}
				return
			case reflect.Array:
				for i := range of.Len() {
					vary(fmt.Sprint(name, i), func(e *told) reflect.Value { return field(e).Index(i) })
				}
				return
			case reflect.Pointer:
				if of != reflect.TypeFor[*origin]() {
					vary(name, func(e *told) reflect.Value { return field(e).Elem() })
					return
				}
			}
		}
		if len(each) == 0 {
			t.Errorf("told%s: no value of a %s is tried", name, of)
		}
		for _, v := range each {
			list := []*told{plainFix(0, ways[0]), plainFix(1, ways[0]), plainFix(2, ways[0])}
			at := field(list[1])
			reflect.NewAt(of, at.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(v)) // #nosec G103 -- the field is not exported
			packedAndBack(t, list)
			packedAndBack(t, list[1:])
			tried++
		}
	}
	vary("", func(e *told) reflect.Value { return reflect.ValueOf(e).Elem() })
	if tried < 80 {
		t.Errorf("only %d values were tried", tried)
	}
}

// madeUp are fixes in which everything is by chance.
func madeUp(seed uint64, n int) []*told {
	chance := rand.New(rand.NewPCG(seed, 1))
	ways := twoWays()
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
	out := make([]*told, n)
	for i := range out {
		e := &told{
			own: mark{moment(), id()}, origin: ways[chance.IntN(2)], why: []geo.Exclusion{"", "", geo.Impossible, geo.NotLater}[chance.IntN(4)],
			aside: is(), doubted: is(), on: is(), incident: []string{"", "i1", journal.Digest("i2")}[chance.IntN(3)],
			fix: &geo.Fix{
				Point: [2]float64{number(), number()}, AccuracyM: reading(), SpeedMPS: reading(), CourseDeg: reading(), AltitudeM: reading(),
				NoLock: is(), Blurred: is(), Forgotten: is(), Time: moment(),
			},
		}
		if e.known = e.own; is() {
			e.known = mark{moment(), id()}
		}
		if is() {
			e.fix.Time = e.own.at
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
		ways := twoWays()
		packed := pack(list, &ways)
		if _, err := unpack(noise, ways); err == nil && len(noise) == 0 {
			t.Error("nothing is read as fixes")
		}
		for n := int(seed % 29); n < len(packed); n += 29 {
			if _, err := unpack(packed[:n], ways); err == nil {
				t.Fatalf("cut at %d of %d it is read", n, len(packed))
			}
			changed := slices.Clone(packed)
			changed[n] ^= 1
			if len(noise) > 0 {
				changed[n] = noise[n%len(noise)]
			}
			_, _ = unpack(changed, ways) // whatever it says
		}
	})
}

// nowhere fails when something of fixes that were dropped is in what is kept.
func nowhere(t *testing.T, f *fixes, dropped []*told) {
	t.Helper()
	kept := snapshot.Append(nil, nil, f)
	for _, e := range dropped {
		if raw, _ := journal.RawDigest(e.own.id); bytes.Contains(kept, raw[:]) || bytes.Contains(kept, []byte(e.own.id)) {
			t.Fatalf("%s was dropped and is kept", e.own.id)
		}
	}
}

// TestFixesAreKeptAsAList does to fixes that are packed what is done to a plain list.
func TestFixesAreKeptAsAList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		chance := rand.New(rand.NewPCG(seed, 2))
		by := packing{newest: 1 + chance.IntN(4), block: 1 + chance.IntN(5), patience: 1 + chance.IntN(4)}
		var f fixes
		var plain []*told // with values of its own
		way := twoWays()[0]
		placeOf := func() mark { return plainFix(chance.IntN(400), way).own }
		for range 300 {
			switch chance.IntN(8) {
			default:
				e := plainFix(chance.IntN(400), way)
				e.aside = chance.IntN(6) == 0
				same := *e
				f.add(e)
				plain = file1(plain, &same)
			case 1: // judged otherwise
				if len(plain) > 0 {
					e := plain[chance.IntN(len(plain))]
					e.why = []geo.Exclusion{"", geo.Impossible}[chance.IntN(2)]
					f.judge(f.find(e.own), e.why)
				}
			case 2:
				if chance.IntN(4) == 0 {
					after := plainFix(300+chance.IntN(100), way).known
					later := func(e *told) bool { return e.known.compare(after) > 0 }
					got := f.takeBack(after, nil)
					want := split(&plain, later, nil)
					sameFixes(t, want, got)
				}
			case 3:
				if chance.IntN(4) == 0 {
					until := placeOf()
					f.forget(func(e *told) bool { return e.aside || e.own.compare(until) < 0 }, func(first, _ time.Time) bool { return !first.After(until.at) })
					nowhere(t, &f, split(&plain, func(e *told) bool { return e.aside || e.own.compare(until) < 0 }, nil))
				}
			case 4: // kept, and taken up
				if err := f.check(); err != nil {
					t.Fatal(err)
				}
			}
			f.pack(by)
			judged := slices.DeleteFunc(slices.Clone(plain), func(e *told) bool { return e.aside })
			m := placeOf()
			n, _ := slices.BinarySearchFunc(judged, m, byOwn)
			if chance.IntN(3) == 0 {
				sameFixes(t, judged[n:], slices.Collect(f.from(m)))
			}
			if chance.IntN(3) == 0 {
				back := slices.Clone(judged[:n])
				slices.Reverse(back)
				sameFixes(t, back, slices.Collect(f.before(m)))
			}
			if i, is := slices.BinarySearchFunc(plain, m, byOwn); is != (f.find(m) != nil) {
				t.Fatalf("whether there is a fix at %v is %v", m, !is)
			} else if is {
				sameFixes(t, plain[i:i+1], []*told{f.find(m)})
			}
		}
	}
}

// TestBrokenBlocksAreRefused: a kept state is not taken up when a block in it is broken,
// rather than found to be when the first late fix comes.
func TestBrokenBlocksAreRefused(t *testing.T) {
	t.Parallel()
	tr := New(incident.Settings{Roster: []incident.Unit{{ID: "damkar-1"}}})
	u := tr.teams["damkar-1"]
	for n := range 100 {
		u.fixes.add(plainFix(n, twoWays()[0]))
		u.fixes.pack(usualPacking)
	}
	if err := New(tr.settings).Resume(tr.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	b := &u.fixes.blocks[2]
	b.packed = b.packed[:len(b.packed)-1]
	if err := New(tr.settings).Resume(tr.AppendState(nil)); !errors.Is(err, errPacked) {
		t.Errorf("%v", err)
	}
}
