package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/telemetrytest"
)

// TestThin keeps of each series the first fix of each minute, whatever gaps there
// are, and all that is newer.
func TestThin(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "series.db"))
	defer s.Close()
	var all, want []telemetry.Point
	limit := telemetrytest.Start.Add(5 * 24 * time.Hour)
	first := map[string]bool{}
	for _, hour := range []int{0, 1, 40, 119, 120, 130} {
		for second := 0; second < 600; second += 7 {
			for _, unit := range []string{"D1", "D2"} {
				p := telemetrytest.Fix(unit, hour*3600+second)
				all = append(all, p)
				minute := fmt.Sprint(unit, p.Time.Truncate(time.Minute))
				if !first[minute] || !p.Time.Before(limit.Truncate(time.Minute)) {
					want = append(want, p)
				}
				first[minute] = true
			}
		}
	}
	if err := s.Write(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	n, err := s.Thin(t.Context(), telemetry.UnitFix, limit, time.Minute)
	if err != nil || n != int64(len(all)-len(want)) || n == 0 {
		t.Errorf("%d of %d removed, not %d: %v", n, len(all), len(all)-len(want), err)
	}
	telemetrytest.Same(t, telemetrytest.Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
	if n, err := s.Thin(t.Context(), telemetry.UnitFix, limit, time.Minute); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
}
