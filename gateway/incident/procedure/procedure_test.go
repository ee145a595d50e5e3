package procedure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

func day(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }

// plan is one whose first report may take so many minutes; later ones are from dates on.
func plan(minutes int, later ...sop.Plan) sop.Plan {
	p := sop.DefaultPlan()
	p.Limits = map[sop.ClockName]time.Duration{sop.OnSceneUpdate: time.Duration(minutes) * time.Minute}
	p.Later = later
	return p
}

func from(d, minutes int) sop.Plan {
	p := plan(minutes)
	p.ValidFrom = day(d)
	return p
}

// inMinutes are the limits of calls on the first days of the month.
func inMinutes(p sop.Plan, until int) string {
	var out []string
	for d := 1; d <= until; d++ {
		out = append(out, fmt.Sprint(int(p.At(day(d)).Limits[sop.OnSceneUpdate].Minutes())))
	}
	return strings.Join(out, " ")
}

// TestInTime: what was seen first holds for all before it; a change holds from when it was
// seen, or from its date; nothing that held is undone.
func TestInTime(t *testing.T) {
	t.Parallel()
	type seen = procedure.Seen
	for _, c := range []struct {
		name string
		seen []seen
		want string
	}{
		{"one", []seen{{day(5), plan(10)}}, "10 10 10 10 10 10 10 10"},
		{"one with dates", []seen{{day(5), plan(10, from(3, 8), from(6, 6))}}, "10 10 8 8 8 6 6 6"},
		{"one from a date on", []seen{{day(5), from(7, 10)}}, "10 10 10 10 10 10 10 10"},
		{"changed without a date", []seen{{day(1), plan(10)}, {day(4), plan(8)}}, "10 10 10 8 8 8 8 8"},
		{"changed and changed back", []seen{{day(1), plan(10)}, {day(4), plan(8)}, {day(6), plan(10)}}, "10 10 10 8 8 10 10 10"},
		{"a date to come", []seen{{day(1), plan(10)}, {day(3), plan(10, from(6, 8))}}, "10 10 10 10 10 8 8 8"},
		{"the whole file from a date to come", []seen{{day(1), plan(10)}, {day(3), from(6, 8)}}, "10 10 10 10 10 8 8 8"},
		{"a date that has passed", []seen{{day(1), plan(10)}, {day(5), plan(10, from(3, 8))}}, "10 10 8 8 8 8 8 8"},
		{"what stood under a date is edited", []seen{{day(1), plan(10, from(3, 8))}, {day(5), plan(10, from(3, 6))}}, "10 10 8 8 6 6 6 6"},
		{"the first limits are edited", []seen{{day(1), plan(10, from(3, 8))}, {day(5), plan(2, from(3, 8))}}, "10 10 8 8 8 8 8 8"},
		{"a date is struck out", []seen{{day(1), plan(10, from(3, 8))}, {day(5), plan(10)}}, "10 10 8 8 10 10 10 10"},
		{"a date to come is moved", []seen{{day(1), plan(10, from(6, 8))}, {day(3), plan(10, from(7, 8))}}, "10 10 10 10 10 10 8 8"},
		{"the whole file's date is kept when others follow", []seen{{day(1), from(3, 10)}, {day(5), from(3, 8)}}, "10 10 10 10 8 8 8 8"},
	} {
		got := procedure.InTime(c.seen)
		if text := inMinutes(got, 8); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
		if !got.ValidFrom.IsZero() {
			t.Errorf("%s: nothing holds before %s", c.name, got.ValidFrom)
		}
	}
}

func open(t *testing.T) *sqlite.Journal {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// TestKeep: a gateway keeps what it sees once, and who reads judges as it did.
func TestKeep(t *testing.T) {
	t.Parallel()
	j := open(t)
	keep := func(at int, file sop.Plan, isNew bool, want string) {
		t.Helper()
		got, is, err := procedure.Keep(t.Context(), j, file, day(at))
		if err != nil || is != isNew || inMinutes(got, 8) != want {
			t.Errorf("on day %d: %s, new %v, %v; want %s", at, inMinutes(got, 8), is, err, want)
		}
		read, err := procedure.Plan(t.Context(), j, plan(99))
		if err != nil || asJSON(t, read) != asJSON(t, got) {
			t.Errorf("on day %d: read as %s, %v", at, inMinutes(read, 8), err)
		}
		if !got.At(day(8)).Knows("fire") {
			t.Error("the categories are gone")
		}
	}
	if got, err := procedure.Plan(t.Context(), j, plan(7)); err != nil || inMinutes(got, 2) != "7 7" {
		t.Errorf("before anything was kept: %s, %v", inMinutes(got, 2), err)
	}
	keep(2, plan(10), true, "10 10 10 10 10 10 10 10")
	keep(3, plan(10), false, "10 10 10 10 10 10 10 10")
	renamed := plan(10)
	renamed.Categories = append(renamed.Categories[:0:0], renamed.Categories...)
	renamed.Categories[0].English = "Rescue of people"
	keep(4, renamed, false, "10 10 10 10 10 10 10 10")
	keep(5, plan(8), true, "10 10 10 10 8 8 8 8")
	keep(6, plan(8), false, "10 10 10 10 8 8 8 8")
	if last, err := j.Last(t.Context()); err != nil || last != 2 {
		t.Errorf("%d entries, %v", last, err)
	}
}

// raced is a journal to which another gateway is always faster, once.
type raced struct {
	*sqlite.Journal
	other *journal.Record
}

func (r *raced) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if r.other != nil {
		if _, err := r.Journal.Append(ctx, *r.other); err != nil {
			return nil, err
		}
		r.other = nil
	}
	return r.Journal.Append(ctx, records...)
}

func TestTwoGatewaysKeep(t *testing.T) {
	t.Parallel()
	rec, err := journal.NewRecord(journal.KindProcedure, "procedure-1", day(2), procedure.Seen{At: day(2), Plan: plan(10)})
	if err != nil {
		t.Fatal(err)
	}
	j := &raced{open(t), &rec}
	got, _, err := procedure.Keep(t.Context(), j, plan(8), day(4))
	if err != nil || inMinutes(got, 6) != "10 10 10 8 8 8" {
		t.Errorf("%s, %v", inMinutes(got, 6), err)
	}
}

func asJSON(t *testing.T, p sop.Plan) string {
	t.Helper()
	p.Categories = nil
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
