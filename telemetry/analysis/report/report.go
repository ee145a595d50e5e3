package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
)

// Options are what a report says beside its figures.
type Options struct {
	// Zone is the local time in which the period is written.
	Zone *time.Location
	// Categories give the categories their names.
	Categories []sop.Category
	// Office stands over the printed report.
	Office string
	// MadeAt is when the report was made.
	MadeAt time.Time
}

// Formats lists what [Write] takes.
func Formats() []string { return []string{"table", "csv", "json", "html"} }

// Write writes a report in one of the formats.
func Write(w io.Writer, format string, r Report, o Options) error {
	var err error
	switch format {
	case "table":
		err = table(w, r, o)
	case "csv":
		err = writeCSV(w, r)
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	case "html":
		err = html(w, r, o)
	default:
		return fmt.Errorf("unknown format %q; known: %s", format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return fmt.Errorf("cannot write the report: %w", err)
	}
	return nil
}

// table is the report for a terminal.
func table(w io.Writer, r Report, o Options) error {
	f := r.Figures
	var out strings.Builder
	fmt.Fprintf(&out, "Waktu tanggap / Response times   %s\n", period(f, o.Zone))
	fmt.Fprintf(&out, "%s\n\n", numbers(f.Incidents, f.Open, f.Duplicates, f.Cancelled))
	widest := len("interval")
	for _, row := range f.Rows {
		widest = max(widest, len(row.Interval))
	}
	names := []string{"interval"}
	if f.By != analysis.ByNothing {
		names[0] = fmt.Sprintf("%-*s   %s", widest, "interval", groupingWords[f.By].EN)
	}
	for _, row := range f.Rows {
		name := string(row.Interval)
		if f.By != analysis.ByNothing {
			name = fmt.Sprintf("%-*s   %s", widest, name, groupLabel(f.By, row.Group, o.Categories))
		}
		names = append(names, printable(name))
	}
	names = padded(names)
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\tn\tmedian\tp90\ttarget\twithin\t   left out\n", names[0])
	few := false
	for i, row := range f.Rows {
		mark := ""
		if row.Few {
			mark, few = "*", true
		}
		fmt.Fprintf(t, "%s\t%s%d\t%s\t%s\t%s\t%s\t   %s\n", names[i+1], mark, row.Count, bounded(row.MedianS, row.MedianAtLeast), bounded(row.P90S, row.P90AtLeast), targets(row), percent(row.WithinShare),
			strings.TrimSpace(openOver(row)+" "+leftOut(row, english)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(f.Rows) == 0 {
		out.WriteString("tidak ada yang terukur dalam periode ini / nothing was measured in this period\n")
	}
	if r.Comparison != nil {
		if err := comparedTable(&out, r, o); err != nil {
			return err
		}
	}
	out.WriteString("\n")
	if few {
		fmt.Fprintf(&out, "* fewer than %d values: read with care\n", analysis.Few)
	}
	fmt.Fprintf(&out, "median: %s\np90: %s\nopen: %s\n", f.MedianMethod, f.PercentileMethod, f.OpenMethod)
	if r.Comparison != nil {
		fmt.Fprintf(&out, "difference: %s\n", r.Comparison.Method)
	}
	for _, reading := range f.WholeFlowReadings {
		fmt.Fprintf(&out, "whole_flow: %s\n", reading)
	}
	for _, d := range f.Definitions {
		if slices.ContainsFunc(f.Rows, func(r analysis.Row) bool { return r.Interval == d.Interval }) {
			fmt.Fprintf(&out, "%s: %s → %s\n", d.Interval, d.Starts, d.Ends)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// padded makes texts equally long, so that they stand on the left of columns
// that stand on the right.
func padded(texts []string) []string {
	widest := 0
	for _, s := range texts {
		widest = max(widest, utf8.RuneCountInString(s))
	}
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = s + strings.Repeat(" ", widest-utf8.RuneCountInString(s))
	}
	return out
}

// writeCSV is the report for spreadsheets.
func writeCSV(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	head := []string{
		"group_by", "group", "interval", "count", "median_s", "p90_nearest_rank_s", "min_s", "max_s", "targets_s",
		"judged", "within", "within_share", "left_out", "left_out_reasons", "few_values", "note",
		"open_over_limit", "median_at_least", "p90_at_least", "mixed_clocks", "unreported",
	}
	if r.Comparison != nil {
		head = append(head, comparedHead...)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	if r.Comparison != nil {
		for _, k := range r.Comparison.Rows {
			if err := c.Write(append(cells(r.By, k.Now), comparedCells(k)...)); err != nil {
				return err
			}
		}
	} else {
		for _, row := range r.Rows {
			if err := c.Write(cells(r.By, row)); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// cells are a row's own columns.
func cells(by analysis.By, row analysis.Row) []string {
	var limits, notes []string
	for _, s := range row.TargetsS {
		limits = append(limits, number(&s))
		if row.Interval == sop.IntervalName(sop.WholeFlow) {
			notes = append(notes, analysis.WholeFlowReading(s))
		}
	}
	return []string{
		string(by), telemetry.CellText(row.Group), telemetry.CellText(string(row.Interval)), strconv.Itoa(row.Count),
		number(row.MedianS), number(row.P90S), number(row.MinS), number(row.MaxS),
		strings.Join(limits, " "), strconv.Itoa(row.Judged), strconv.Itoa(row.Within), number(row.WithinShare),
		strconv.Itoa(row.LeftOutCount()), leftOut(row, func(r analysis.Reason) string { return string(r) }), strconv.FormatBool(row.Few), strings.Join(notes, "; "),
		strconv.Itoa(row.OpenOver), strconv.FormatBool(row.MedianAtLeast), strconv.FormatBool(row.P90AtLeast), strconv.Itoa(row.MixedClocks), strconv.Itoa(row.Unreported),
	}
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
