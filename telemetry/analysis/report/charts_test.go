package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

// charts are of two districts, of which one has a name that tries to break out.
func charts() *Charts {
	row := func(group string, interval sop.IntervalName, n int, median, p90 float64) analysis.Row {
		return analysis.Row{Group: group, Interval: interval, Count: n, MedianS: value(median), P90S: value(p90), Judged: n, Within: n / 2, WithinShare: value(0.5), Few: n < analysis.Few,
			LeftOut: map[analysis.Reason]int{analysis.NoEnd: 2}}
	}
	update := sop.IntervalName(sop.OnSceneUpdate)
	return &Charts{
		Weekly:     analysis.Figures{Rows: []analysis.Row{row("2026-11-02", sop.Response, 9, 300, 600), row("2026-11-09", sop.Response, 4, 360, 1200)}},
		Categories: analysis.Figures{Rows: []analysis.Row{row("fire", update, 12, 300, 600), row("<b>", update, 3, 300, 600), row("fire", sop.Response, 13, 1, 2)}},
		Districts:  analysis.Figures{Rows: []analysis.Row{row("Kadipaten", sop.Response, 10, 300, 600), row("<i>Jatitujuh", sop.Response, 20, 600, 1800), row("Maja", sop.Response, 2, 60, 90)}},
		Spots: []Spot{{"Kadipaten", orb.Point{108.17, -6.77}}, {"<i>Jatitujuh", orb.Point{108.23, -6.64}}, {"Maja", orb.Point{108.3, -6.88}},
			{"Sindangwangi", orb.Point{108.4, -6.83}}},
	}
}

func TestChartsAreDrawnToTheFigures(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	drawn := Report{Figures: example(analysis.ByCategory), Charts: charts(), Distributions: []analysis.Distribution{
		{Interval: sop.Response, WidthS: 60, Counts: []int{0, 3, 7, 1}, Beyond: 2},
	}}
	if err := Write(&b, "html", drawn, options()); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"n = 13", "2 lebih lama", "2 akhir tidak tercatat / end not recorded", `height="110"><title>2:00–3:00: 7</title>`, // the highest bin fills the plot
		"2026-11-09: n 4, median 6:00, p90 20:00", "* 50 % (1/3)", "50 % (6/12)", "&lt;i&gt;Jatitujuh 30:00 (20)", "Maja *1:30 (2)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("does not say %q", want)
		}
	}
	// The slowest district in the darkest, few values and none in grey.
	for class, n := range map[string]int{"slow4": 1, "slow0": 1, "unknown": 2} {
		if is := strings.Count(got, fmt.Sprintf(`<circle class=%q`, class)); is != n {
			t.Errorf("%d villages are %s, not %d", is, class, n)
		}
	}
	for _, bad := range []string{"<script", "src=", "href=", "url(", "@import", "<link", "<i>", "<b>", "NaN", "ZgotmplZ"} {
		if strings.Contains(got, bad) {
			t.Errorf("holds %q", bad)
		}
	}
	d := xml.NewDecoder(strings.NewReader(got))
	d.Entity, d.AutoClose, d.Strict = xml.HTMLEntity, []string{"meta"}, false
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestChartsOfLittle: one week, one district with few values, nothing at all.
func TestChartsOfLittle(t *testing.T) {
	t.Parallel()
	few := charts()
	few.Weekly.Rows, few.Districts.Rows = few.Weekly.Rows[:1], few.Districts.Rows[2:]
	for name, c := range map[string]*Charts{"few": few, "none": {}} {
		var b bytes.Buffer
		if err := Write(&b, "html", Report{Figures: example(analysis.ByCategory), Charts: c}, options()); err != nil || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
