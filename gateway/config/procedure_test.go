package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
)

// loadProcedure reads a procedure's file of one category with more lines.
func loadProcedure(t *testing.T, lines string) (sop.Plan, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sop.yaml")
	text := "categories: [{key: fire, id: Kebakaran, en: Fire}, {key: health, id: Sakit, en: Health}]\nclocks: {on_scene_update: 10m, closing: 2m}\nwarn_at: 0.8\n" + lines
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadPlan(path)
}

// TestProcedureWithDates: a change says only what differs, and holds from its date on.
func TestProcedureWithDates(t *testing.T) {
	t.Parallel()
	plan, err := loadProcedure(t, `whole_flow_reading: as it was
changes:
  - valid_from: 2027-01-01
    clocks: {on_scene_update: 8m}
    category_limits: [{category: health, clock: on_scene_update, limit: 6m}]
  - valid_from: "2027-06-01T12:00:00+07:00"
    warn_at: 0.5
    whole_flow_reading: as it is
    clocks: {closing: 0s}
`)
	if err != nil {
		t.Fatal(err)
	}
	newYear := time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC) // midnight WIB
	june := time.Date(2027, 6, 1, 5, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		call                  time.Time
		fire, health, closing time.Duration
		warnAt                float64
		reading               string
	}{
		{newYear.Add(-1), 10 * time.Minute, 10 * time.Minute, 2 * time.Minute, 0.8, "as it was"},
		{newYear, 8 * time.Minute, 6 * time.Minute, 2 * time.Minute, 0.8, "as it was"},
		{june.Add(-1), 8 * time.Minute, 6 * time.Minute, 2 * time.Minute, 0.8, "as it was"},
		{june, 8 * time.Minute, 6 * time.Minute, 0, 0.5, "as it is"},
	} {
		p := plan.At(c.call)
		if p.Limit(sop.OnSceneUpdate, "fire") != c.fire || p.Limit(sop.OnSceneUpdate, "health") != c.health || p.Limit(sop.Closing, "fire") != c.closing ||
			p.WarnAt != c.warnAt || p.WholeFlowReading != c.reading || !p.Knows("fire") {
			t.Errorf("call at %s: %+v", c.call, p)
		}
	}
	if dated, err := loadProcedure(t, "valid_from: 2027-01-01\n"); err != nil || !dated.ValidFrom.Equal(newYear) {
		t.Errorf("a file with a date: %s, %v", dated.ValidFrom, err)
	}
}

func TestProcedureWithoutSense(t *testing.T) {
	t.Parallel()
	for lines, complaint := range map[string]string{
		"valid_from: soon\n":                                                                                        `sop.yaml:4: valid_from is "soon"`,
		"changes:\n  - clocks: {closing: 1m}\n":                                                                     "sop.yaml:5: a change needs valid_from",
		"changes:\n  - {valid_from: 2027-13-01}\n":                                                                  "neither a date",
		"changes:\n  - {valid_from: 2027-01-01, clocks: {lunch: 1m}}\n":                                             `unknown clock "lunch"`,
		"changes:\n  - {valid_from: 2027-01-01}\n  - {valid_from: 2026-01-01}\n":                                    "sop.yaml:6: a change needs valid_from, later",
		"changes:\n  - {valid_from: 2027-01-01, warn_at: 2}\n":                                                      "warn_at is 2",
		"changes:\n  - {valid_from: 2027-01-01, category_limits: [{category: flood, clock: closing, limit: 1m}]}\n": `unknown category "flood"`,
	} {
		if _, err := loadProcedure(t, lines); err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("%q: %v, want …%s…", lines, err, complaint)
		}
	}
}
