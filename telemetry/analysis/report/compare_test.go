package report

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry/analysis"
)

// comparedExample is a report of two periods with a row of every verdict.
func comparedExample() Report {
	update := sop.IntervalName(sop.OnSceneUpdate)
	f := example(analysis.ByCategory)
	row := func(group string, interval sop.IntervalName, n int, median, p90 float64) analysis.Row {
		r := analysis.Row{Group: group, Interval: interval, Count: n, MedianS: value(median), P90S: value(p90), Few: n < analysis.Few}
		if interval == update {
			r.Judged, r.Within, r.WithinShare, r.TargetsS = n, n/2, value(0.5), []float64{600}
		}
		return r
	}
	none := analysis.Row{Group: "=disaster", Interval: sop.Response, Few: true}
	return Report{Figures: f, KeyMethod: analysis.KeyMethod, Comparison: &analysis.Comparison{
		From: time.Date(2026, 10, 1, 0, 0, 0, 0, geo.WIB()), To: time.Date(2026, 11, 1, 0, 0, 0, 0, geo.WIB()),
		Incidents: 37, Method: analysis.ChanceMethod, Rows: []analysis.Change{
			{Group: "fire", Interval: sop.Response, Now: row("fire", sop.Response, 30, 485, 912.4), Then: row("fire", sop.Response, 28, 610, 900),
				MedianS: value(-125), P90S: value(12.4), Times: analysis.Finding{Verdict: analysis.Less, P: value(0.0123)}, Share: analysis.Finding{Verdict: analysis.TooFew}},
			{Group: "=disaster", Interval: sop.Response, Now: row("=disaster", sop.Response, 3, 100, 200), Then: none,
				Times: analysis.Finding{Verdict: analysis.TooFew}, Share: analysis.Finding{Verdict: analysis.TooFew}},
			{Group: "fire", Interval: update, Now: row("fire", update, 30, 485, 912.4), Then: row("fire", update, 28, 485.2, 912), MedianS: value(-0.2), P90S: value(0.4), Within: value(-0.08),
				Times: analysis.Finding{Verdict: analysis.Chance, P: value(1)}, Share: analysis.Finding{Verdict: analysis.Less, P: value(0.0002)}},
		},
	}}
}

// TestComparedGolden compares each format with a file that a person has looked at.
func TestComparedGolden(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Write(&b, format, comparedExample(), options()); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "compared."+format)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("differs from %s (go test -update writes it anew):\n%s", file, b.String())
		}
		if !strings.Contains(b.String(), "Mann–Whitney") && format != "csv" {
			t.Errorf("%s does not say how a difference is tested against chance", format)
		}
	}
}

// TestComparedNumbersStayNumbers: a difference below zero is no formula.
func TestComparedNumbersStayNumbers(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Write(&b, "csv", comparedExample(), options()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	if got := rows[1][at["median_change_s"]]; got != "-125" {
		t.Errorf("a change of %q", got)
	}
	if got := rows[2][at["group"]]; got != "'=disaster" {
		t.Errorf("a group %q", got)
	}
}
