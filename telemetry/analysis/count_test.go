package analysis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// kept is a store that keeps cases, which are overwritten once the next is read.
type kept struct {
	county
	cases  []cases.Packed
	failed error // after them
}

func (k kept) Cases(ctx context.Context, _ cases.Query) iter.Seq2[cases.Packed, error] {
	return func(yield func(cases.Packed, error) bool) {
		for _, c := range k.cases {
			again := append(cases.Packed{}, c...)
			if ctx.Err() != nil || !yield(again, nil) {
				return
			}
			clear(again)
		}
		if k.failed != nil {
			yield(nil, k.failed)
		}
	}
}

// many is more incidents than one pile holds.
func many(t *testing.T) kept {
	t.Helper()
	var c county
	for i := range 2000 {
		unit := fmt.Sprint("D", i%7)
		c.add(fmt.Sprintf("i%04d", i), []string{"fire", "health", "rescue"}[i%3], []string{"Kadipaten", "Jatiwangi"}[i%2], monday.Add(time.Duration(i)*13*time.Minute),
			60+i%9, way{unit, "damkar", 1 + i%3, 3 + i%5, 9 + i%11, 50}, way{"A1", "psc119", 2, 4, 12 + i%3, -1 + i%4*20})
	}
	var out kept
	for packed, err := range cases.Read(t.Context(), c, cases.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		out.cases = append(out.cases, packed)
	}
	return out
}

// TestSurveyWhileReading: many counters beside one another find what one finds that
// takes one incident after another, and a further table what it would be alone.
func TestSurveyWhileReading(t *testing.T) {
	t.Parallel()
	source := many(t)
	o := Options{By: ByUnit, Plan: sop.DefaultPlan(), Now: monday.AddDate(0, 2, 0)}
	for _, scope := range []Scope{{}, {Agency: "damkar"}, {Unit: "A1", District: "Jatiwangi"}, {Category: "fire"}} {
		got, err := ReadSurvey(t.Context(), source, scope, o, true, Table{By: ByCategory}, Table{By: ByWeek, Interval: sop.Response}, Table{By: ByUnit})
		if err != nil {
			t.Fatal(err)
		}
		one := newCounter(scope, Options{By: o.By, Plan: o.Plan, Now: o.Now, Zone: geo.WIB()}, []Table{{By: ByUnit}}, true)
		for _, c := range source.cases {
			if err := one.take(c); err != nil {
				t.Fatal(err)
			}
		}
		all := together([]*counter{one}, 1)
		if want := tabulate(scope, one.o, ByUnit, all, all.tables[0]); !reflect.DeepEqual(got.Figures[0], want) || !reflect.DeepEqual(got.Figures[3], want) || want.Incidents == 0 {
			t.Errorf("%+v: got %+v\nwant %+v", scope, got.Figures[0], want)
		}
		if want := all.keys.list(); !reflect.DeepEqual(got.Keys, want) || len(want) == 0 {
			t.Errorf("%+v: got %+v\nwant %+v", scope, got.Keys, want)
		}
		record, err := Read(t.Context(), source, scope)
		if err != nil {
			t.Fatal(err)
		}
		for i, by := range []By{ByCategory, ByWeek} {
			o.By = by
			want, err := record.Figures(o)
			if err != nil {
				t.Fatal(err)
			}
			if by == ByWeek {
				want.Rows = rowsOf(want, sop.Response)
			}
			if gotRows := got.Figures[i+1].Rows; !reflect.DeepEqual(gotRows, want.Rows) || len(gotRows) == 0 {
				t.Errorf("%+v by %s: got %+v\nwant %+v", scope, by, gotRows, want.Rows)
			}
		}
		o.By = ByUnit
	}
}

func rowsOf(f Figures, interval sop.IntervalName) []Row {
	var out []Row
	for _, r := range f.Rows {
		if r.Interval == interval {
			out = append(out, r)
		}
	}
	return out
}

// TestSurveyEndsOnErrors: of a case that is damaged, of the store, and of who asked.
func TestSurveyEndsOnErrors(t *testing.T) {
	t.Parallel()
	source := many(t)
	source.cases[1000] = source.cases[1000][:20]
	if _, err := ReadSurvey(t.Context(), source, Scope{}, Options{}, false); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: %v", err)
	}
	source.cases, source.failed = source.cases[:900], telemetry.ErrUnavailable
	if _, err := ReadSurvey(t.Context(), source, Scope{}, Options{}, false); !errors.Is(err, telemetry.ErrUnavailable) {
		t.Errorf("unavailable: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadSurvey(gone, source, Scope{}, Options{}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
