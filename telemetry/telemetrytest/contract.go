package telemetrytest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/telemetry"
)

// Contract tests a store. open returns an empty one; it is closed here.
func Contract(t *testing.T, open func(t *testing.T) telemetry.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, telemetry.Store)
	}{
		{"every kind of field comes back", fieldsComeBack},
		{"writing twice leaves the same points", writeTwice},
		{"the later of one identity replaces the earlier", replaces},
		{"points come in order of time", inOrder},
		{"time bounds", timeBounds},
		{"tag filters", tagFilters},
		{"superseded points are left out", superseded},
		{"a bad point is refused alone", refusedAlone},
		{"hostile text", hostileText},
		{"many points", manyPoints},
		{"reset", reset},
		{"forgetting", forgetting},
		{"reading stops when asked", readingStops},
		{"an ended context", endedContext},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.test(t, s)
		})
	}
}

// Start is the time of the first point that the tests write.
var Start = time.Date(2026, 11, 23, 3, 4, 5, 123456789, time.UTC)

// Fix is a point of a unit's track, n seconds after Start.
func Fix(unit string, n int) telemetry.Point {
	return telemetry.Point{
		Measurement: telemetry.UnitFix,
		Tags:        []telemetry.Tag{{Key: "link", Value: "roof"}, {Key: "unit", Value: unit}},
		Fields: []telemetry.Field{
			{Key: "lat", Value: -6.8364 + float64(n)/1e5}, {Key: "lon", Value: 108.2278},
			{Key: "incident", Value: ""}, {Key: "report", Value: fmt.Sprintf("r%d", n)},
		},
		Time: Start.Add(time.Duration(n) * time.Second),
	}
}

func interval(incident string, n int, old bool) telemetry.Point {
	return telemetry.Point{
		Measurement: telemetry.ResponseInterval,
		Tags:        []telemetry.Tag{{Key: "incident", Value: incident}, {Key: "interval", Value: "travel"}},
		Fields:      []telemetry.Field{{Key: "seconds", Value: float64(n)}, {Key: telemetry.SupersededField, Value: old}},
		Time:        Start.Add(time.Duration(n) * time.Second),
	}
}

func write(t *testing.T, s telemetry.Store, points ...telemetry.Point) {
	t.Helper()
	if err := s.Write(t.Context(), points); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// Read returns all points of a query.
func Read(t *testing.T, s telemetry.Store, q telemetry.Query) []telemetry.Point {
	t.Helper()
	var out []telemetry.Point
	for p, err := range s.Points(t.Context(), q) {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		out = append(out, p)
	}
	return out
}

// Same compares points in order of time and identity; the order of fields does
// not matter.
func Same(t *testing.T, got, want []telemetry.Point) {
	t.Helper()
	a, b := texts(got), texts(want)
	if slices.Equal(a, b) {
		return
	}
	if len(a)+len(b) > 40 {
		t.Fatalf("got %d points that differ from the %d wanted", len(a), len(b))
	}
	t.Fatalf("got\n%s\nwant\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
}

func texts(points []telemetry.Point) []string {
	var out []string
	for _, p := range points {
		var fields []string
		for _, f := range p.Fields {
			fields = append(fields, fmt.Sprintf("%q=%T:%#v", f.Key, f.Value, f.Value))
		}
		slices.Sort(fields)
		out = append(out, fmt.Sprintf("%s %s %+q %v", p.Time.Format(time.RFC3339Nano), p.Measurement, p.Tags, fields))
	}
	slices.Sort(out)
	return out
}

func fieldsComeBack(t *testing.T, s telemetry.Store) {
	p := Fix("D1", 0)
	p.Fields = []telemetry.Field{
		{Key: "whole", Value: 12.0}, {Key: "tiny", Value: 5e-324}, {Key: "large", Value: math.MaxFloat64}, {Key: "third", Value: 1.0 / 3},
		{Key: "count", Value: int64(math.MaxInt64)}, {Key: "less", Value: int64(-3)}, {Key: "yes", Value: true}, {Key: "no", Value: false},
		{Key: "word", Value: "12"}, {Key: "nothing", Value: ""},
	}
	write(t, s, p)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), []telemetry.Point{p})
}

func writeTwice(t *testing.T, s telemetry.Store) {
	want := []telemetry.Point{Fix("D1", 0), Fix("D2", 0), Fix("D1", 1)}
	write(t, s, want...)
	write(t, s, want...)
	write(t, s, append(slices.Clone(want), want...)...)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func replaces(t *testing.T, s telemetry.Store) {
	first, second := interval("i1", 5, false), interval("i1", 5, false)
	second.Fields[0].Value = 9.0
	write(t, s, first)
	write(t, s, second)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval}), []telemetry.Point{second})
	write(t, s, second, first) // also within one write, in its order
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval}), []telemetry.Point{first})
}

func inOrder(t *testing.T, s telemetry.Store) {
	write(t, s, Fix("D2", 7), Fix("D1", 3))
	write(t, s, Fix("D1", 9), Fix("D3", 1), Fix("D2", 5))
	var last time.Time
	n := 0
	for p, err := range s.Points(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Time.Before(last) {
			t.Errorf("%s comes after %s", p.Time, last)
		}
		if p.Time.Location() != time.UTC {
			t.Errorf("time in %s", p.Time.Location())
		}
		last = p.Time
		n++
	}
	if n != 5 {
		t.Errorf("%d points", n)
	}
}

func timeBounds(t *testing.T, s telemetry.Store) {
	all := []telemetry.Point{Fix("D1", 0), Fix("D1", 1), Fix("D1", 2), Fix("D1", 3)}
	write(t, s, all...)
	nano := time.Nanosecond
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     []telemetry.Point
	}{
		{"open", time.Time{}, time.Time{}, all},
		{"from is included", all[1].Time, time.Time{}, all[1:]},
		{"to is not", time.Time{}, all[2].Time, all[:2]},
		{"both", all[1].Time, all[3].Time, all[1:3]},
		{"a nanosecond later", all[1].Time.Add(nano), all[3].Time.Add(nano), all[2:]},
		{"empty", all[1].Time, all[1].Time, nil},
		{"the wrong way round", all[2].Time, all[1].Time, nil},
		{"in another time zone", all[1].Time.In(time.FixedZone("WIB", 7*3600)), time.Time{}, all[1:]},
		{"far", time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), all},
	} {
		t.Run(c.name, func(t *testing.T) {
			Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix, From: c.from, To: c.to}), c.want)
		})
	}
}

func tagFilters(t *testing.T, s telemetry.Store) {
	whole := Fix("D1", 4)
	whole.Tags = whole.Tags[:1] // link alone
	other := Fix("D1", 2)
	other.Tags = []telemetry.Tag{{Key: "link", Value: "hill"}, {Key: "unit", Value: "D1"}}
	write(t, s, Fix("D1", 0), Fix("D2", 1), other, interval("D1", 1, false), whole)
	for _, c := range []struct {
		name string
		tags map[string]string
		want []telemetry.Point
	}{
		{"one", map[string]string{"unit": "D1"}, []telemetry.Point{Fix("D1", 0), other}},
		{"two", map[string]string{"unit": "D1", "link": "hill"}, []telemetry.Point{other}},
		{"unknown value", map[string]string{"unit": "D9"}, nil},
		{"unknown key", map[string]string{"colour": "red"}, nil},
		{"absent", map[string]string{"unit": ""}, []telemetry.Point{whole}},
		{"a quote", map[string]string{"unit": `D1" or true or r.x == "`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix, Tags: c.tags}), c.want)
		})
	}
	if got := Read(t, s, telemetry.Query{Measurement: "never_written"}); got != nil {
		t.Errorf("a measurement without points gave %v", got)
	}
}

func superseded(t *testing.T, s telemetry.Store) {
	old, now := interval("i1", 1, true), interval("i1", 2, false)
	write(t, s, interval("i1", 1, false))
	write(t, s, old, now)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval}), []telemetry.Point{now})
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval, Superseded: true}), []telemetry.Point{old, now})
	// The correction is itself corrected back.
	write(t, s, interval("i1", 2, true), interval("i1", 1, false))
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval}), []telemetry.Point{interval("i1", 1, false)})
}

func refusedAlone(t *testing.T, s telemetry.Store) {
	spoil := func(n int, change func(*telemetry.Point)) telemetry.Point {
		p := Fix("D1", n)
		change(&p)
		return p
	}
	bad := []telemetry.Point{
		spoil(1, func(p *telemetry.Point) { p.Fields[0].Value = math.NaN() }),
		spoil(2, func(p *telemetry.Point) { p.Fields[0].Value = math.Inf(-1) }),
		spoil(3, func(p *telemetry.Point) { p.Fields = nil }),
		spoil(4, func(p *telemetry.Point) { p.Measurement = "" }),
		spoil(5, func(p *telemetry.Point) { p.Tags[1].Value = "a\nb" }),
		spoil(6, func(p *telemetry.Point) { p.Tags[1].Value = `ends in \` }),
		spoil(7, func(p *telemetry.Point) { p.Tags[1].Value = "" }),
		spoil(8, func(p *telemetry.Point) { p.Tags[1].Key = "_time" }),
		spoil(9, func(p *telemetry.Point) { p.Fields[3].Value = "\xff" }),
		spoil(14, func(p *telemetry.Point) { p.Fields[3].Value = "a\rb" }),
		spoil(10, func(p *telemetry.Point) { p.Time = time.Time{} }),
		spoil(11, func(p *telemetry.Point) { p.Fields[0].Value = []byte("x") }),
		spoil(12, func(p *telemetry.Point) { p.Tags = append(p.Tags, p.Tags[1]) }),
		spoil(13, func(p *telemetry.Point) { p.Fields = append(p.Fields, p.Fields[0]) }),
	}
	batch := []telemetry.Point{Fix("D1", 100)}
	want := []telemetry.Point{Fix("D1", 100)}
	for i, p := range bad {
		good := Fix("D2", 200+i)
		batch, want = append(batch, p, good), append(want, good)
	}
	var refused *telemetry.RefusedError
	if err := s.Write(t.Context(), batch); !errors.As(err, &refused) {
		t.Fatalf("write: %v", err)
	}
	if len(refused.Points) != len(bad) || len(refused.Reasons) != len(bad) {
		t.Errorf("%d points with %d reasons refused, of %d", len(refused.Points), len(refused.Reasons), len(bad))
	}
	for i, reason := range refused.Reasons {
		if reason == "" {
			t.Errorf("refused without a reason: %v", refused.Points[i])
		}
	}
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func hostileText(t *testing.T, s telemetry.Store) {
	words := []string{
		"a,b", "a b", "a=b", `say "hello"`, `it's`, "Désa Ciborélang 警察 🚒", "ꦩꦗꦊꦁꦏ", " before", "after ", "a#b", "#",
		"x', 'y'); DROP TABLE points; --", "${unit}", "%0A", "a\u2028b", "a\u00a0b", "true", "12i", "e\u0301", strings.Repeat("panjang", 20),
	}
	var want []telemetry.Point
	for i, w := range words {
		p := Fix("D1", i)
		p.Tags = []telemetry.Tag{{Key: "link", Value: w}, {Key: "unit", Value: "D1"}}
		p.Fields = []telemetry.Field{{Key: "incident", Value: w}, {Key: "report", Value: "line\nbreak\ttab \\ \\\\ \"" + w + `\`}}
		want = append(want, p)
	}
	write(t, s, want...)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
	for i, w := range words {
		Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix, Tags: map[string]string{"link": w}}), want[i:i+1])
	}
}

func manyPoints(t *testing.T, s telemetry.Store) {
	var want []telemetry.Point
	for n := range 12_345 {
		want = append(want, Fix(fmt.Sprintf("D%d", n%7), n))
	}
	write(t, s, want...)
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func reset(t *testing.T, s telemetry.Store) {
	links := telemetry.LinkSample{Link: "roof", Protocol: "kenwood", At: Start, Frames: 7}.Point()
	write(t, s, Fix("D1", 0), interval("i1", 1, false), links)
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{telemetry.UnitFix, telemetry.ResponseInterval} {
		if got := Read(t, s, telemetry.Query{Measurement: m}); got != nil {
			t.Errorf("%s has %d points after the reset", m, len(got))
		}
	}
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.LinkHealth}), []telemetry.Point{links})
	write(t, s, Fix("D1", 0))
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), []telemetry.Point{Fix("D1", 0)})
}

// forgetting removes old points of one measurement and leaves the others.
func forgetting(t *testing.T, s telemetry.Store) {
	forgetful, can := s.(interface {
		Forget(ctx context.Context, measurement string, before time.Time) (int64, error)
	})
	if !can {
		t.Fatal("the store cannot forget")
	}
	var fixes []telemetry.Point
	for n := range 12_000 {
		fixes = append(fixes, Fix(fmt.Sprintf("D%d", n%3), n))
	}
	old := interval("i1", 1, false)
	write(t, s, append(fixes, old)...)
	const kept = 700
	limit := fixes[len(fixes)-kept].Time
	n, err := forgetful.Forget(t.Context(), telemetry.UnitFix, limit)
	if err != nil || n != -1 && n != int64(len(fixes)-kept) {
		t.Fatalf("%d forgotten, %v", n, err)
	}
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), fixes[len(fixes)-kept:])
	Same(t, Read(t, s, telemetry.Query{Measurement: telemetry.ResponseInterval}), []telemetry.Point{old})
	if n, err := forgetful.Forget(t.Context(), telemetry.UnitFix, limit); err != nil || n > 0 {
		t.Errorf("again: %d forgotten, %v", n, err)
	}
	if _, err := forgetful.Forget(t.Context(), "never_written", limit); err != nil {
		t.Error(err)
	}
}

func readingStops(t *testing.T, s telemetry.Store) {
	write(t, s, Fix("D1", 0), Fix("D1", 1), Fix("D1", 2))
	for range s.Points(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}) {
		break
	}
	// The store must be free for the next.
	write(t, s, Fix("D1", 3))
	if got := Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}); len(got) != 4 {
		t.Errorf("%d points", len(got))
	}
}

func endedContext(t *testing.T, s telemetry.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, []telemetry.Point{Fix("D1", 0)}); err == nil {
		t.Error("write said that it stored a point")
	}
	for _, err := range s.Points(ctx, telemetry.Query{Measurement: telemetry.UnitFix}) {
		if err == nil {
			t.Error("a point was read")
		}
	}
}
