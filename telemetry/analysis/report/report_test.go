package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry/analysis"
)

var update = flag.Bool("update", false, "write the golden files anew")

func value(v float64) *float64 { return &v }

// example has a row of every shape: with and without a target, nothing measured,
// few values, two targets, names that try to break out.
func example(by analysis.By) analysis.Figures {
	whole := sop.IntervalName(sop.WholeFlow)
	return analysis.Figures{
		From: time.Date(2026, 11, 1, 0, 0, 0, 0, geo.WIB()), To: time.Date(2026, 12, 1, 0, 0, 0, 0, geo.WIB()),
		By: by, Zone: "WIB", Incidents: 41, Open: 2, MedianMethod: analysis.MedianMethod, PercentileMethod: analysis.PercentileMethod, OpenMethod: analysis.OpenMethod,
		WholeFlowReadings: []string{analysis.WholeFlowReading(6420), analysis.WholeFlowReading(5292)}, Definitions: analysis.Definitions(),
		Rows: []analysis.Row{
			{Group: "fire", Interval: sop.Response, Count: 30, MedianS: value(485), P90S: value(912.4), MinS: value(61), MaxS: value(3730), LeftOut: map[analysis.Reason]int{analysis.NoEnd: 2, analysis.Contradictory: 1}},
			{Group: `=HYPERLINK("http://x")`, Interval: sop.Response, Count: 3, MedianS: value(3599.6), P90S: value(3730), MinS: value(60), MaxS: value(3730), Judged: 3, Within: 1, WithinShare: value(1.0 / 3), TargetsS: []float64{600}, Few: true},
			{Group: "<script>alert(1)</script>\x1b[31m", Interval: sop.Response, LeftOut: map[analysis.Reason]int{analysis.StillOpen: 4}, Few: true},
			{Group: "fire", Interval: whole, Count: 12, OpenOver: 2, P90AtLeast: true, MixedClocks: 1, MedianS: value(5000), P90S: value(7000), MinS: value(900), MaxS: value(9000), Judged: 12, Within: 9, WithinShare: value(0.75), TargetsS: []float64{5292, 6420}},
		},
	}
}

func options() Options {
	return Options{
		Zone: geo.WIB(), Categories: sop.DefaultPlan().Categories, Office: "Kabupaten Majalengka",
		MadeAt: time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC),
	}
}

func write(t *testing.T, format string, f analysis.Figures) string {
	t.Helper()
	var b bytes.Buffer
	r := Report{Figures: f, KeyMethod: analysis.KeyMethod, Distributions: []analysis.Distribution{}, Keys: []analysis.KeyUse{
		{Unit: "damkar-1", Agency: "damkar", Key: incident.OnScene, Expected: 30, Pressed: 20, Late: 4, Missing: 5, Contradicted: 1},
	}}
	if err := Write(&b, format, r, options()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden compares each format with a file that a person has looked at.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			got := write(t, format, example(analysis.ByCategory))
			file := filepath.Join("testdata", "category."+format)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s (go test -update writes it anew):\n%s", file, got)
			}
		})
	}
}

func TestEveryFormatSaysTheReading(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		got := write(t, format, example(analysis.ByCategory))
		for _, reading := range []string{"1 h 47 min (107 min)", "1.47 hours (88 min 12 s)"} {
			if !strings.Contains(got, reading) {
				t.Errorf("%s does not say %q", format, reading)
			}
		}
	}
}

func TestCSVHoldsNoFormula(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", example(analysis.ByCategory)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("cell %q is a formula", cell)
			}
		}
	}
}

func TestJSONReadsBack(t *testing.T) {
	t.Parallel()
	want := example(analysis.ByCategory)
	var got analysis.Figures
	if err := json.Unmarshal([]byte(write(t, "json", want)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != len(want.Rows) || *got.Rows[0].P90S != 912.4 || got.Rows[2].MedianS != nil || got.Rows[0].LeftOut[analysis.NoEnd] != 2 {
		t.Errorf("read back %+v", got.Rows)
	}
}

// TestHTMLStandsAlone: it needs nothing from outside and runs nothing, whatever
// a group is called, and its elements close.
func TestHTMLStandsAlone(t *testing.T) {
	t.Parallel()
	got := write(t, "html", example(analysis.ByUnit))
	for _, bad := range []string{"<script", "src=", "href=", "url(", "@import", "<link"} {
		if strings.Contains(got, bad) {
			t.Errorf("holds %q", bad)
		}
	}
	d := xml.NewDecoder(strings.NewReader(got))
	d.Entity = xml.HTMLEntity
	d.AutoClose = []string{"meta"}
	d.Strict = false
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTableKeepsTheTerminal(t *testing.T) {
	t.Parallel()
	if got := write(t, "table", example(analysis.ByUnit)); strings.Contains(got, "\x1b") {
		t.Error("a name steers the terminal")
	}
}

func TestNothingMeasured(t *testing.T) {
	t.Parallel()
	empty, err := analysis.NewRecord(analysis.Scope{}).Figures(analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats() {
		if got := write(t, format, empty); got == "" {
			t.Errorf("%s is empty", format)
		}
	}
	if got := write(t, "json", empty); !strings.Contains(got, `"rows": []`) {
		t.Errorf("json %s", got)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	if err := Write(io.Discard, "docx", Report{}, options()); err == nil || !strings.Contains(err.Error(), "table, csv, json, html") {
		t.Errorf("error %v", err)
	}
}
