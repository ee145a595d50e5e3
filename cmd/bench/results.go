package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// outcome is a row with what was measured, or why nothing was.
type outcome struct {
	row
	Pairs   []pair   `json:"pairs,omitzero"`
	Summary *summary `json:"summary,omitzero"`
	Met     bool     `json:"met"`
	// Missing says what the row needs and this machine has not; Failed what went
	// wrong.
	Missing string `json:"missing,omitzero"`
	Failed  string `json:"failed,omitzero"`
	Command string `json:"command"`
}

// results are what a run of the command writes.
type results struct {
	Machine machine   `json:"machine"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Rows    []outcome `json:"rows"`
}

// write puts results.json and results.md into a folder.
func (r results) write(dir string) error {
	// #nosec G301 -- figures are for everybody
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the folder of the results: %w", err)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot encode the results: %w", err)
	}
	for name, content := range map[string]string{"results.json": string(text) + "\n", "results.md": r.table()} {
		// #nosec G306 -- figures are for everybody
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return fmt.Errorf("cannot write the results: %w", err)
		}
	}
	return nil
}

// table tells the results in Markdown, which reads well as it is.
func (r results) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# htgateway beside its peers\n\n%s\n\n", r.Machine)
	fmt.Fprintf(&b, "Medians of pairs that ran in turn, ours and theirs; the ratio is the median of the pairs' ratios, with the smallest and largest.\n\n")
	b.WriteString("| row | measure | beside | ours | theirs | ratio | asked | met |\n|---|---|---|---|---|---|---|---|\n")
	var notes []string
	for _, o := range r.Rows {
		asked := "–"
		switch {
		case o.AtLeast > 0:
			asked = fmt.Sprintf("≥ %v", o.AtLeast)
		case o.AtMost > 0:
			asked = fmt.Sprintf("≤ %v", o.AtMost)
		}
		if len(o.Pairs) == 0 {
			why := "not available: " + o.Missing
			if o.Failed != "" {
				why = "failed"
				notes = append(notes, fmt.Sprintf("%s failed: %s", o.Name, o.Failed))
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | | | %s | |\n", o.Name, o.Measure, o.Peer, why, asked)
			continue
		}
		s, met := summarise(o.Pairs), "**no**"
		switch {
		case asked == "–":
			met = ""
		case o.met(s.Ratio):
			met = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.2f (%.2f–%.2f) | %s | %s |\n", o.Name, measureIn(o.Measure, o.Unit), o.Peer, figure(s.Ours), figure(s.Theirs),
			s.Ratio, s.RatioLow, s.RatioHigh, asked, met)
		for _, name := range sortedNames(s.More) {
			notes = append(notes, fmt.Sprintf("%s: %s %s", o.Name, name, figure(s.More[name])))
		}
	}
	if len(notes) > 0 {
		b.WriteString("\nAlso told:\n\n")
		for _, n := range notes {
			b.WriteString("- " + n + "\n")
		}
	}
	b.WriteString("\nEach row again by itself:\n\n")
	for _, o := range r.Rows {
		fmt.Fprintf(&b, "- %s: `make bench ONLY=%s`, which runs `%s`\n", o.Name, o.Name, o.Command)
	}
	return b.String()
}

func measureIn(measure, unit string) string {
	if unit == measure || strings.HasPrefix(unit, measure+"/") {
		return measure
	}
	return measure + ", " + unit
}

func sortedNames(m map[string]float64) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// figure writes a number with three digits or, from a hundred on, whole and with
// commas.
func figure(v float64) string {
	if math.Abs(v) < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	s := strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
