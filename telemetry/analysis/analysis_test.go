package analysis

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// figuresOf are those of one row of whole seconds.
func figuresOf(values ...int64) Row {
	var t tally
	for _, v := range values {
		t.add(&cases.Interval{Lasted: v * int64(time.Second)}, false)
	}
	return t.row(cell{})
}

func TestPercentiles(t *testing.T) {
	t.Parallel()
	upTo := func(n int64) []int64 {
		out := make([]int64, n)
		for i := range out {
			out[i] = int64(i + 1)
		}
		return out
	}
	if r := figuresOf(); r.MedianS != nil || r.P90S != nil {
		t.Errorf("of nothing: %+v", r)
	}
	for _, c := range []struct {
		values      []int64
		median, p90 float64
	}{
		{upTo(1), 1, 1}, {upTo(2), 1.5, 2}, {upTo(3), 2, 3}, {upTo(9), 5, 9},
		{upTo(10), 5.5, 9}, {upTo(11), 6, 10}, {upTo(100), 50.5, 90}, {[]int64{3, 3, 3, 60}, 3, 60},
		{[]int64{41, 48, 52, 55, 58, 60, 63, 66, 71, 80, 95, 310}, 61.5, 95},
	} {
		if r := figuresOf(c.values...); *r.MedianS != c.median || *r.P90S != c.p90 {
			t.Errorf("%d values: median %v, p90 %v", len(c.values), *r.MedianS, *r.P90S)
		}
	}
	// What the method says of itself holds for any values.
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		values := make([]int64, 1+r.IntN(60))
		for i := range values {
			values[i] = int64(r.IntN(20))
		}
		row := figuresOf(values...)
		covered, smaller := 0, 0
		for _, v := range values {
			if float64(v) <= *row.P90S {
				covered++
			}
			if float64(v) < *row.P90S {
				smaller++
			}
		}
		if n := len(values); covered*100 < 90*n || smaller*100 >= 90*n || *row.MinS != float64(slices.Min(values)) || *row.MaxS != float64(slices.Max(values)) {
			t.Fatalf("%+v of %v", row, values)
		}
	}
}

// county is a source of points that the test makes as the tracker would.
type county []telemetry.Point

func (c county) Points(_ context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error] {
	return func(yield func(telemetry.Point, error) bool) {
		for _, p := range c {
			if p.Measurement != q.Measurement || p.Time.Before(q.From) || !q.To.IsZero() && !p.Time.Before(q.To) || p.Superseded() && !q.Superseded {
				continue
			}
			fits := true
			for k, v := range q.Tags {
				fits = fits && p.Tag(k) == v
			}
			if fits && !yield(p, nil) {
				return
			}
		}
	}
}

// way is how one unit went in one incident, minutes after the call; -1 is a
// stage that was skipped or has not come.
type way struct {
	unit, agency                           string
	dispatched, enRoute, onScene, complete int
}

func (c *county) add(id, category, district string, call time.Time, closed int, ways ...way) {
	course := sop.Course{Category: category, ReceivedAt: call}
	at := func(minutes int) time.Time {
		if minutes == -1 {
			return time.Time{}
		}
		return call.Add(time.Duration(minutes) * time.Minute)
	}
	base := incident.Update{Incident: id, Category: category, District: district, ReceivedAt: call}
	milestone := func(name incident.MilestoneName, unit, agency string, when time.Time) {
		if when.IsZero() {
			return
		}
		u := base
		u.Kind, u.Unit, u.Agency = incident.UpdateMilestone, unit, agency
		u.Milestone = &incident.Milestone{Name: name, Unit: unit, At: when, Evidence: incident.ByKey}
		*c = append(*c, telemetry.Points(u)...)
	}
	agencies := map[string]string{}
	milestone(incident.Received, "", "", call)
	course.ClosedAt = at(closed)
	milestone(incident.Closed, "", "", course.ClosedAt)
	for _, w := range ways {
		agencies[w.unit] = w.agency
		u := sop.UnitCourse{Unit: w.unit, Dispatched: at(w.dispatched), EnRoute: at(w.enRoute), OnScene: at(w.onScene), Completed: at(w.complete)}
		course.Units = append(course.Units, u)
		if course.DispatchedAt.IsZero() {
			course.DispatchedAt = u.Dispatched
		}
		milestone(incident.Dispatched, w.unit, w.agency, u.Dispatched)
		milestone(incident.EnRoute, w.unit, w.agency, u.EnRoute)
		milestone(incident.OnScene, w.unit, w.agency, u.OnScene)
		milestone(incident.Completed, w.unit, w.agency, u.Completed)
	}
	for _, i := range sop.DefaultPlan().Intervals(course) {
		u := base
		u.Kind, u.Unit, u.Agency, u.Interval = incident.UpdateInterval, i.Unit, agencies[i.Unit], &i
		*c = append(*c, telemetry.Points(u)...)
	}
}

var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, geo.WIB())

func example() county {
	var c county
	hour := func(h int) time.Time { return monday.Add(time.Duration(h) * time.Hour) }
	c.add("i1", "fire", "Kadipaten", hour(1), 60, way{"D1", "damkar", 2, 4, 10, 50}, way{"D2", "damkar", 3, 5, 14, 55})
	c.add("i2", "fire", "Jatiwangi", hour(6), 110, way{"D1", "damkar", 1, -1, 13, 100}) // 07:00 WIB is 00:00 UTC: the day before
	c.add("i3", "health", "Kadipaten", hour(26), -1, way{"A1", "psc119", 2, 3, -1, -1})
	c.add("i4", "health", "Kadipaten", hour(27), 30, way{"A1", "psc119", 5, 4, -1, -1}) // en route before it was sent
	return c
}

func figures(t *testing.T, c county, by By, from, to time.Time) Figures {
	t.Helper()
	r, err := Read(t.Context(), c, Scope{From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Figures(Options{By: by, Zone: geo.WIB(), Plan: sop.DefaultPlan()})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// brief writes the rows of one interval.
func brief(f Figures, interval sop.IntervalName) string {
	var out []string
	minutes := func(s *float64) string {
		if s == nil {
			return "-"
		}
		return fmt.Sprintf("%g", *s/60)
	}
	for _, r := range f.Rows {
		if r.Interval != interval {
			continue
		}
		s := fmt.Sprintf("%s: n%d %s %s", r.Group, r.Count, minutes(r.MedianS), minutes(r.P90S))
		if r.Judged > 0 {
			s += fmt.Sprintf(" %d/%d", r.Within, r.Judged)
		}
		for _, why := range Reasons() {
			if n := r.LeftOut[why]; n > 0 {
				s += fmt.Sprintf(" %s=%d", why, n)
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestFigures(t *testing.T) {
	t.Parallel()
	c := example()
	for _, want := range []struct {
		by       By
		interval sop.IntervalName
		rows     string
	}{
		{ByNothing, sop.Response, ": n3 13 14 no_end=1 still_open=1"},
		{ByNothing, sop.Turnout, ": n3 2 2 no_end=1 contradictory=1"},
		{ByNothing, sop.Travel, ": n2 7.5 9 no_start=1 no_end=1 still_open=1"},
		{ByNothing, sop.CallProcessing, ": n4 2 5"},
		{ByNothing, sop.Total, ": n3 60 110 still_open=1"},
		{ByNothing, "whole_flow", ": n3 60 110 2/3 still_open=1"},
		{ByNothing, "on_scene_update", ": n4 11.5 25 1/4 still_open=1"}, // A1 was closed on 25 minutes after it was sent, without a word
		{ByCategory, sop.Response, "fire: n3 13 14; health: n0 - - no_end=1 still_open=1"},
		{ByAgency, sop.Turnout, "damkar: n2 2 2 no_end=1; psc119: n1 1 1 contradictory=1"},
		{ByAgency, sop.Total, ": n3 60 110 still_open=1"},
		{ByUnit, sop.Response, "A1: n0 - - no_end=1 still_open=1; D1: n2 11.5 13; D2: n1 14 14"},
		{ByDistrict, sop.Response, "Jatiwangi: n1 13 13; Kadipaten: n2 12 14 no_end=1 still_open=1"},
		{ByHour, sop.Response, "01: n2 12 14; 02: n0 - - still_open=1; 03: n0 - - no_end=1; 06: n1 13 13"},
		{ByWeekday, sop.Response, "Monday: n3 13 14; Tuesday: n0 - - no_end=1 still_open=1"},
		{ByMonth, sop.Response, "2026-11: n3 13 14 no_end=1 still_open=1"},
	} {
		f := figures(t, c, want.by, time.Time{}, time.Time{})
		if got := brief(f, want.interval); got != want.rows {
			t.Errorf("%s by %q\ngot  %s\nwant %s", want.interval, want.by, got, want.rows)
		}
		if f.Incidents != 4 || f.Open != 1 {
			t.Errorf("%d incidents, %d open", f.Incidents, f.Open)
		}
		if got := fmt.Sprint(f.WholeFlowReadings); got != "[1.47 Jam read as 1 h 47 min (107 min)]" {
			t.Errorf("readings %s", got)
		}
	}
}

// TestPeriodIsOfTheCall: an interval that ends after the period counts, one that
// began before it does not.
func TestPeriodIsOfTheCall(t *testing.T) {
	t.Parallel()
	var c county
	c.add("before", "fire", "X", monday.Add(-time.Minute), 60, way{"D1", "damkar", 2, 4, 10, 50})
	c.add("first", "fire", "X", monday, 60, way{"D1", "damkar", 2, 4, 11, 50})
	c.add("last", "fire", "X", monday.Add(24*time.Hour-time.Second), 60, way{"D1", "damkar", 2, 4, 12, 50})
	c.add("after", "fire", "X", monday.Add(24*time.Hour), 60, way{"D1", "damkar", 2, 4, 13, 50})
	// A unit that was sent, by some clock, before the call of its incident.
	c.add("odd", "fire", "X", monday, 60, way{"D1", "damkar", -5, 4, 13, 50})
	f := figures(t, c, ByNothing, monday, monday.Add(24*time.Hour))
	if got := brief(f, sop.Response); got != ": n3 12 13" || f.Incidents != 3 {
		t.Errorf("%d incidents, response %s", f.Incidents, got)
	}
	if got := brief(f, sop.CallProcessing); got != ": n2 2 2 contradictory=1" {
		t.Errorf("call processing %s", got)
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	var c county
	c.add("i1", "fire", "X", monday, 100, way{"D1", "damkar", 2, 4, 11, 50})
	for i, p := range c {
		if p.Tag("interval") == "whole_flow" {
			c[i].Fields = slices.Clone(p.Fields)
			for j := range p.Fields {
				if p.Fields[j].Key == "limit_s" {
					c[i].Fields[j].Value = 5292.0
				}
			}
		}
	}
	if got := figures(t, c, ByNothing, monday, time.Time{}).WholeFlowReadings; len(got) != 1 || !strings.Contains(got[0], "88 min 12 s") {
		t.Errorf("readings %q", got)
	}
}

func TestUnknownGrouping(t *testing.T) {
	t.Parallel()
	if _, err := NewRecord(Scope{}).Figures(Options{By: "colour"}); err == nil || !strings.Contains(err.Error(), "category, agency") {
		t.Errorf("error %v", err)
	}
}
