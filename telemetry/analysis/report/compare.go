package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

// verdictWords say what became of the times, and of the share within the target.
var (
	timesWords = map[analysis.Verdict]word{
		analysis.More: {"lebih lama", "longer"}, analysis.Less: {"lebih singkat", "shorter"},
		analysis.Chance: {"mungkin kebetulan", "may be chance"}, analysis.TooFew: {"data terlalu sedikit", "too few values"},
	}
	shareWords = map[analysis.Verdict]word{
		analysis.More: {"lebih banyak", "more within"}, analysis.Less: {"lebih sedikit", "fewer within"},
		analysis.Chance: {"mungkin kebetulan", "may be chance"}, analysis.TooFew: {"data terlalu sedikit", "too few values"},
	}
)

// shift writes a difference of seconds: +1:05, −0:30.
func shift(seconds *float64) string {
	switch {
	case seconds == nil:
		return "–"
	case math.Round(*seconds) < 0:
		turned := -*seconds
		return "−" + span(&turned)
	}
	return "+" + span(seconds)
}

// points writes a difference of shares, in percentage points.
func points(share *float64) string {
	if share == nil {
		return "–"
	}
	return strings.Replace(fmt.Sprintf("%+.0f", *share*100), "-", "−", 1)
}

// counted is a row's number of values, marked when they are few.
func counted(row analysis.Row) string {
	if row.Few {
		return "*" + strconv.Itoa(row.Count)
	}
	return strconv.Itoa(row.Count)
}

// findings writes both verdicts for a terminal.
func findings(c analysis.Change) string {
	text := timesWords[c.Times.Verdict].EN + chance(c.Times)
	if c.Now.Judged > 0 || c.Then.Judged > 0 {
		text += "; within: " + shareWords[c.Share.Verdict].EN + chance(c.Share)
	}
	return text
}

func chance(f analysis.Finding) string {
	switch {
	case f.P == nil:
		return ""
	case *f.P < 0.001:
		return " (p < 0.001)"
	}
	return fmt.Sprintf(" (p = %.3f)", *f.P)
}

// comparedTable sets both periods beside one another for a terminal.
func comparedTable(out io.Writer, r Report, o Options) error {
	c := r.Comparison
	fmt.Fprintf(out, "\nDibanding / Compared with   %s   %s\n\n", period(analysis.Figures{From: c.From, To: c.To, Zone: r.Zone}, o.Zone), numbers(c.Incidents, c.Open, c.Duplicates, c.Cancelled))
	names := []string{"interval"}
	widest := 0
	for _, change := range c.Rows {
		widest = max(widest, len(change.Interval))
	}
	for _, change := range c.Rows {
		name := string(change.Interval)
		if r.By != analysis.ByNothing {
			name = fmt.Sprintf("%-*s   %s", widest, name, groupLabel(r.By, change.Group, o.Categories))
		}
		names = append(names, printable(name))
	}
	names = padded(names)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\tn\tmedian\tp90\twithin\t|\tn then\tmedian\tp90\twithin\t|\tmedian\tp90\twithin\t   difference\n", names[0])
	for i, k := range c.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t|\t%s\t%s\t%s\t%s\t|\t%s\t%s\t%s\t   %s\n", names[i+1],
			counted(k.Now), bounded(k.Now.MedianS, k.Now.MedianAtLeast), bounded(k.Now.P90S, k.Now.P90AtLeast), percent(k.Now.WithinShare),
			counted(k.Then), bounded(k.Then.MedianS, k.Then.MedianAtLeast), bounded(k.Then.P90S, k.Then.P90AtLeast), percent(k.Then.WithinShare),
			shift(k.MedianS), shift(k.P90S), points(k.Within), findings(k))
	}
	return t.Flush()
}

// comparedHead and comparedCells are what a CSV has of the other period, after its
// own columns.
var comparedHead = []string{
	"other_count", "other_median_s", "other_p90_nearest_rank_s", "other_judged", "other_within", "other_within_share", "other_left_out", "other_few_values",
	"median_change_s", "p90_change_s", "within_change", "times_verdict", "times_p_adjusted", "share_verdict", "share_p_adjusted",
}

func comparedCells(k analysis.Change) []string {
	return []string{
		strconv.Itoa(k.Then.Count), number(k.Then.MedianS), number(k.Then.P90S), strconv.Itoa(k.Then.Judged), strconv.Itoa(k.Then.Within), number(k.Then.WithinShare),
		strconv.Itoa(k.Then.LeftOutCount()), strconv.FormatBool(k.Then.Few),
		number(k.MedianS), number(k.P90S), number(k.Within), string(k.Times.Verdict), number(k.Times.P), string(k.Share.Verdict), number(k.Share.P),
	}
}

// comparedSection is one interval in both periods, as the page prints it.
type comparedSection struct {
	Key     sop.IntervalName
	Name    word
	Meaning word
	Judged  bool
	Rows    []comparedLine
}

type comparedLine struct {
	Group               string
	Now, Then           line
	Median, P90, Within string
	Times, Share        word
	TimesP, ShareP      string
	// Found marks a difference of times that is no chance, Judged a share to speak of.
	Found, Judged bool
}

func comparedSections(r Report, o Options) []comparedSection {
	var out []comparedSection
	for _, k := range r.Comparison.Rows {
		if len(out) == 0 || out[len(out)-1].Key != k.Interval {
			out = append(out, comparedSection{Key: k.Interval, Name: intervalWord(k.Interval), Meaning: meaning(r.Figures, k.Interval)})
		}
		s := &out[len(out)-1]
		judged := k.Now.Judged > 0 || k.Then.Judged > 0
		s.Judged = s.Judged || judged
		s.Rows = append(s.Rows, comparedLine{
			Group: groupLabel(r.By, k.Group, o.Categories), Now: lineOf(k.Now), Then: lineOf(k.Then),
			Median: shift(k.MedianS), P90: shift(k.P90S), Within: points(k.Within),
			Times: timesWords[k.Times.Verdict], Share: shareWords[k.Share.Verdict], TimesP: chance(k.Times), ShareP: chance(k.Share),
			Found: k.Times.Verdict == analysis.More || k.Times.Verdict == analysis.Less, Judged: judged,
		})
	}
	return out
}

func lineOf(row analysis.Row) line {
	return line{Count: row.Count, Few: row.Few, Median: bounded(row.MedianS, row.MedianAtLeast), P90: bounded(row.P90S, row.P90AtLeast), Within: percent(row.WithinShare)}
}
