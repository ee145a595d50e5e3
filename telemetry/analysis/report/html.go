package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

//go:embed report.html.tmpl
var page string

//go:embed charts.html.tmpl
var chartPage string

//go:embed compare.html.tmpl
var comparePage string

// section is one interval with its groups.
type section struct {
	Name    word
	Key     sop.IntervalName
	Meaning word
	Judges  []string // what a row must say of its limit
	Rows    []line
	Bars    []bar
	Height  int
}

// line is one row as it is printed.
type line struct {
	Group, Median, P90, Target, Within, LeftOut string
	Count                                       int
	Few                                         bool
}

// bar is one group's bar in the chart: pixels from the left.
type bar struct {
	Group           string
	Y, Median, P90  int
	Target          int // 0 when there is none
	MedianS, P90S   string
	TextX, Baseline int
	Bottom          int
}

// Measures of the chart in pixels.
const (
	chartLabels = 250
	chartWidth  = 380
	chartValues = 130
	chartRow    = 26
	barHeight   = 18
	// labelRunes is how much of a name fits before the bars.
	labelRunes = 36
)

// html is the report that is printed and filed: one file without scripts or
// outside parts.
func html(w io.Writer, r Report, o Options) error {
	f := r.Figures
	t, err := template.New("report").Parse(page)
	if err != nil {
		return err
	}
	for _, part := range []string{chartPage, comparePage} {
		if t, err = t.Parse(part); err != nil {
			return err
		}
	}
	other := ""
	var compared []comparedSection
	if r.Comparison != nil {
		other = period(analysis.Figures{From: r.Comparison.From, To: r.Comparison.To, Zone: f.Zone}, o.Zone)
		compared = comparedSections(r, o)
	}
	var drawn *drawing
	if r.Charts != nil {
		d := r.Charts.draw(r, o)
		drawn = &d
	}
	return t.Execute(w, map[string]any{
		"Charts": drawn, "Keys": r.Keys, "KeyMethod": r.KeyMethod, "Comparison": r.Comparison, "Other": other, "Compared": compared,
		"Office": o.Office, "Period": period(f, o.Zone), "Figures": f, "By": groupingWords[f.By], "Few": analysis.Few,
		"MadeAt": o.MadeAt.In(o.Zone).Format("2006-01-02 15:04") + " " + f.Zone,
		"Labels": chartLabels, "Width": chartLabels + chartWidth + chartValues,
		"Sections": sections(f, o),
	})
}

func sections(f analysis.Figures, o Options) []section {
	var out []section
	for _, row := range f.Rows {
		if len(out) == 0 || out[len(out)-1].Key != row.Interval {
			s := section{Key: row.Interval, Name: intervalWord(row.Interval), Meaning: meaning(f, row.Interval)}
			if row.Interval == sop.IntervalName(sop.WholeFlow) {
				s.Judges = f.WholeFlowReadings
			}
			out = append(out, s)
		}
		s := &out[len(out)-1]
		s.Rows = append(s.Rows, line{
			Group: groupLabel(f.By, row.Group, o.Categories), Count: row.Count, Few: row.Few, Median: bounded(row.MedianS, row.MedianAtLeast), P90: bounded(row.P90S, row.P90AtLeast),
			Target: targets(row), Within: percent(row.WithinShare), LeftOut: strings.TrimSpace(openOver(row) + " " + leftOut(row, both)),
		})
	}
	for i := range out {
		out[i].Bars, out[i].Height = bars(f, out[i].Key, o)
	}
	return out
}

// bars draws the groups of one interval to one scale.
func bars(f analysis.Figures, interval sop.IntervalName, o Options) ([]bar, int) {
	longest := 1.0
	for _, row := range f.Rows {
		if row.Interval == interval && row.P90S != nil {
			longest = max(longest, *row.P90S)
			if len(row.TargetsS) == 1 {
				longest = max(longest, row.TargetsS[0])
			}
		}
	}
	pixels := func(seconds float64) int { return int(seconds / longest * chartWidth) }
	var out []bar
	for _, row := range f.Rows {
		if row.Interval != interval || row.P90S == nil {
			continue
		}
		y := len(out) * chartRow
		b := bar{
			Group: shortened(groupLabel(f.By, row.Group, o.Categories)), Y: y + 4, Baseline: y + 17, Bottom: y + 4 + barHeight,
			Median: pixels(*row.MedianS), P90: pixels(*row.P90S), MedianS: span(row.MedianS), P90S: span(row.P90S),
		}
		if len(row.TargetsS) == 1 {
			b.Target = chartLabels + pixels(row.TargetsS[0])
		}
		b.TextX = chartLabels + b.P90 + 6
		out = append(out, b)
	}
	return out, len(out)*chartRow + 4
}

func shortened(label string) string {
	runes := []rune(label)
	if len(runes) <= labelRunes {
		return label
	}
	return string(runes[:labelRunes-1]) + "…"
}
