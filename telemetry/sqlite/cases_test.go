package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/cases"
	"htgateway/telemetry/sqlite"
	"htgateway/telemetry/telemetrytest"
)

// pointsOnly is a store without the cases that it keeps.
type pointsOnly struct{ *sqlite.Store }

// Cases hides the store's own under another type.
func (pointsOnly) Cases() {}

func (p pointsOnly) Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error] {
	return p.Store.Points(ctx, q)
}

func casesOf(t *testing.T, s telemetry.Source, q cases.Query) [][]byte {
	t.Helper()
	var out [][]byte
	for c, err := range cases.Read(t.Context(), s, q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(c))
	}
	return out
}

// casePoint is a milestone or interval of one of a few incidents, live or superseded.
func casePoint(r *rand.Rand) telemetry.Point {
	at := telemetrytest.Start.Add(time.Duration(r.IntN(6)) * time.Hour)
	tags := func(key, value string) []telemetry.Tag {
		return []telemetry.Tag{
			{Key: "agency", Value: "Damkar"}, {Key: "category", Value: []string{"fire", "health"}[r.IntN(2)]}, {Key: "district", Value: "Maja"},
			{Key: "incident", Value: fmt.Sprintf("i%d", r.IntN(4))}, {Key: key, Value: value}, {Key: "unit", Value: fmt.Sprintf("D%d", r.IntN(2))},
		}
	}
	gone := telemetry.Field{Key: telemetry.SupersededField, Value: r.IntN(3) == 0}
	if r.IntN(2) == 0 {
		return telemetry.Point{Measurement: telemetry.IncidentMilestone, Time: at, Tags: tags("milestone", []string{"received", "on_scene", "completed"}[r.IntN(3)]),
			Fields: []telemetry.Field{{Key: "report", Value: `r"1`}, {Key: "confidence", Value: 0.5}, {Key: telemetry.KnownAfterField, Value: -3.25}, gone}}
	}
	return telemetry.Point{Measurement: telemetry.ResponseInterval, Time: at, Tags: tags("interval", []string{"travel", "response"}[r.IntN(2)]),
		Fields: []telemetry.Field{{Key: "seconds", Value: float64(r.IntN(1000)) / 3}, {Key: "limit_s", Value: 600.0}, {Key: "within", Value: true}, gone}}
}

// TestCasesSayWhatThePointsSay after every write of whatever is new, corrected or
// taken back, for every period, and after a reset.
func TestCasesSayWhatThePointsSay(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "series.db"))
	defer s.Close()
	r := rand.New(rand.NewPCG(8, 9))
	agree := func() int {
		t.Helper()
		n := 0
		for _, q := range []cases.Query{
			{}, {From: telemetrytest.Start.Add(2 * time.Hour)}, {To: telemetrytest.Start.Add(3 * time.Hour)}, {Incident: "i1"}, {From: telemetrytest.Start.Add(time.Hour), To: telemetrytest.Start.Add(4 * time.Hour), Incident: "i2"},
		} {
			kept, gathered := casesOf(t, s, q), casesOf(t, pointsOnly{s}, q)
			if !slices.EqualFunc(kept, gathered, bytes.Equal) {
				t.Fatalf("%+v: %d cases are kept, the points say %d others\n%q\n%q", q, len(kept), len(gathered), kept, gathered)
			}
			n = max(n, len(kept))
		}
		return n
	}
	most := 0
	for range 60 {
		var batch []telemetry.Point
		for range 1 + r.IntN(6) {
			batch = append(batch, casePoint(r), telemetrytest.Fix("D1", r.IntN(100)))
		}
		if err := s.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		most = max(most, agree())
	}
	if most < 4 {
		t.Errorf("never more than %d cases", most)
	}
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := agree(); n != 0 {
		t.Errorf("%d cases after the reset", n)
	}
}

// TestSeriesWithoutCasesIsBroughtUpToDate: a file of schema 1 had none.
func TestSeriesWithoutCasesIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "series.db")
	s := open(t, path)
	r := rand.New(rand.NewPCG(10, 11))
	for range 50 {
		if err := s.Write(t.Context(), []telemetry.Point{casePoint(r)}); err != nil {
			t.Fatal(err)
		}
	}
	want := casesOf(t, s, cases.Query{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "DROP TABLE cases; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.OpenToRead(t.Context(), path); err == nil {
		t.Error("an old file was read")
	}
	s = open(t, path)
	defer s.Close()
	if got := casesOf(t, s, cases.Query{}); len(want) == 0 || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%d cases, there were %d", len(got), len(want))
	}
}
