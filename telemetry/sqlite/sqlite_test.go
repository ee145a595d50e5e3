package sqlite_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
	"htgateway/telemetry/telemetrytest"
)

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	telemetrytest.Contract(t, func(t *testing.T) telemetry.Store {
		return open(t, filepath.Join(t.TempDir(), "a series?#%.db"))
	})
}

func TestKeepsPointsAcrossOpening(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "series.db")
	want := []telemetry.Point{telemetrytest.Fix("D1", 0), telemetrytest.Fix("D1", 1)}
	for i := range want {
		s := open(t, path)
		if err := errors.Join(s.Write(t.Context(), want[:i+1]), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path)
	defer s.Close()
	telemetrytest.Same(t, telemetrytest.Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func TestReadsWhileAnotherWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "series.db")
	writer := open(t, path)
	defer writer.Close()
	point := telemetrytest.Fix("D1", 0)
	if err := writer.Write(t.Context(), []telemetry.Point{point}); err != nil {
		t.Fatal(err)
	}
	reader, err := sqlite.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for range reader.Points(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}) {
		// In the middle of a reading the writer goes on, and the reading sees
		// what was there when it began.
		if err := writer.Write(t.Context(), []telemetry.Point{telemetrytest.Fix("D1", 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := telemetrytest.Read(t, reader, telemetry.Query{Measurement: telemetry.UnitFix}); len(got) != 2 {
		t.Errorf("%d points", len(got))
	}
	if err := reader.Write(t.Context(), []telemetry.Point{telemetrytest.Fix("D9", 9)}); !errors.Is(err, telemetry.ErrUnavailable) {
		t.Errorf("a reader wrote: %v", err)
	}
}

func TestNothingToRead(t *testing.T) {
	t.Parallel()
	_, err := sqlite.OpenToRead(t.Context(), filepath.Join(t.TempDir(), "series.db"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open: %v", err)
	}
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "series.db"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), []telemetry.Point{telemetrytest.Fix("D1", 0)}); !errors.Is(err, telemetry.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
}

// BenchmarkWrite stores fixes as the follower does, 1,000 in a batch.
func BenchmarkWrite(b *testing.B) {
	const batch = 1000
	s := open(b, filepath.Join(b.TempDir(), "series.db"))
	defer s.Close()
	points := make([]telemetry.Point, batch)
	n := 0
	start := time.Now()
	for b.Loop() {
		for i := range points {
			points[i] = telemetrytest.Fix(fmt.Sprintf("D%d", n%50), n)
			n++
		}
		if err := s.Write(b.Context(), points); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "points/s")
}

// TestFacts: one live value of each fact, however often it was corrected.
func TestFacts(t *testing.T) {
	t.Parallel()
	telemetrytest.Facts(t, 60, func(t *testing.T) telemetry.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "series.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
