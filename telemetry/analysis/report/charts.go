package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/analysis"
)

// Charts are what the HTML report draws beside its table.
type Charts struct {
	// Weekly, Categories and Districts are the same record's figures by these.
	Weekly, Categories, Districts analysis.Figures
	// Spots are the county's villages, each a point of its district on the map.
	Spots []Spot
}

// Spot is one village.
type Spot struct {
	District string
	Point    orb.Point
}

// drawing is all that the template draws.
type drawing struct {
	Histograms []histogram
	Trend      *trend
	Compliance []compliance
	Map        *slowMap
}

// histogram is one interval's distribution, in pixels.
type histogram struct {
	Name, Meaning  word
	N, Beyond      int
	Width, LeftOut string
	Bars           []column
	Labels         []label
}

type column struct {
	X, Y, W, H, Count int
	Title             string
}

type label struct {
	X, Y int
	Text string
}

// trend is the response time week by week.
type trend struct {
	Meaning     word
	Median, P90 string // points of a polyline
	Dots        []label
	Labels      []label
	Lines       []label
}

// compliance is one clock's share within its limit, category by category.
type compliance struct {
	Name, Meaning word
	Bars          []shareBar
	Height        int
}

type shareBar struct {
	Group, Text         string
	Y, Baseline, W, End int
}

// slowMap shows where the 90th percentile of the response time is long.
type slowMap struct {
	Meaning word
	Height  int
	Spots   []mapSpot
	Names   []label
	Legend  []legend
}

type mapSpot struct {
	X, Y  int
	Class string
}

type legend struct {
	Class, Text string
	Y, Baseline int
}

// Measures of the charts in pixels.
const (
	plotWidth  = 340
	plotHeight = 110
	trendWidth = 640
	trendHigh  = 150
	trendLeft  = 60
	mapWidth   = 700
	mapMargin  = 30
	mapHigh    = 560 // so that it stands on one page with its legend
)

// draw lays the charts out.
func (c *Charts) draw(r Report, o Options) drawing {
	f := r.Figures
	d := drawing{Trend: c.trend(f), Map: c.slow(f)}
	totals := c.whole()
	for _, x := range r.Distributions {
		d.Histograms = append(d.Histograms, histogramOf(x, totals[x.Interval], meaning(f, x.Interval)))
	}
	for _, interval := range []sop.IntervalName{sop.IntervalName(sop.OnSceneUpdate), sop.IntervalName(sop.WholeFlow)} {
		if k := c.compliance(f, interval, o); len(k.Bars) > 0 {
			d.Compliance = append(d.Compliance, k)
		}
	}
	return d
}

// whole adds up what is left out of every interval, over the categories.
func (c *Charts) whole() map[sop.IntervalName]analysis.Row {
	out := map[sop.IntervalName]analysis.Row{}
	for _, row := range c.Categories.Rows {
		sum := out[row.Interval]
		if sum.LeftOut == nil {
			sum.LeftOut = map[analysis.Reason]int{}
		}
		for why, n := range row.LeftOut {
			sum.LeftOut[why] += n
		}
		sum.OpenOver += row.OpenOver
		out[row.Interval] = sum
	}
	return out
}

func histogramOf(x analysis.Distribution, total analysis.Row, means word) histogram {
	h := histogram{Name: intervalWord(x.Interval), Meaning: means, Beyond: x.Beyond, Width: span(&x.WidthS), N: x.Beyond,
		LeftOut: strings.TrimSpace(openOver(total) + " " + leftOut(total, both))}
	most := 1
	for _, n := range x.Counts {
		h.N += n
		most = max(most, n)
	}
	wide := plotWidth / max(1, len(x.Counts))
	for i, n := range x.Counts {
		high := int(math.Round(float64(n) / float64(most) * plotHeight))
		if n > 0 {
			high = max(high, 1)
		}
		from, to := float64(i)*x.WidthS, float64(i+1)*x.WidthS
		h.Bars = append(h.Bars, column{X: i * wide, Y: plotHeight - high, W: wide - 1, H: high, Count: n, Title: fmt.Sprintf("%s–%s: %d", span(&from), span(&to), n)})
	}
	for i := 0; i < len(x.Counts); i += max(1, (len(x.Counts)+3)/4) {
		edge := float64(i) * x.WidthS
		h.Labels = append(h.Labels, label{X: i * wide, Y: plotHeight + 14, Text: span(&edge)})
	}
	return h
}

func (c *Charts) trend(f analysis.Figures) *trend {
	var weeks []analysis.Row
	longest := 1.0
	for _, row := range c.Weekly.Rows {
		if row.Interval == sop.Response && row.P90S != nil {
			weeks = append(weeks, row)
			longest = max(longest, *row.P90S)
		}
	}
	if len(weeks) == 0 {
		return nil
	}
	t := &trend{Meaning: meaning(f, sop.Response)}
	y := func(seconds float64) int { return trendHigh - int(seconds/longest*(trendHigh-10)) }
	var medians, p90s []string
	for i, row := range weeks {
		x := trendLeft + i*trendWidth/max(1, len(weeks)-1)
		if len(weeks) == 1 {
			x = trendLeft + trendWidth/2
		}
		medians, p90s = append(medians, fmt.Sprintf("%d,%d", x, y(*row.MedianS))), append(p90s, fmt.Sprintf("%d,%d", x, y(*row.P90S)))
		t.Dots = append(t.Dots, label{x, y(*row.P90S), fmt.Sprintf("%s: n %d, median %s, p90 %s", row.Group, row.Count, bounded(row.MedianS, row.MedianAtLeast), bounded(row.P90S, row.P90AtLeast))})
		if i%max(1, (len(weeks)+5)/6) == 0 {
			t.Labels = append(t.Labels, label{x, trendHigh + 16, row.Group})
		}
	}
	for i := range 3 {
		seconds := longest * float64(i) / 2
		t.Lines = append(t.Lines, label{0, y(seconds), span(&seconds)})
	}
	t.Median, t.P90 = strings.Join(medians, " "), strings.Join(p90s, " ")
	return t
}

func (c *Charts) compliance(f analysis.Figures, interval sop.IntervalName, o Options) compliance {
	k := compliance{Name: intervalWord(interval), Meaning: meaning(f, interval)}
	for _, row := range c.Categories.Rows {
		if row.Interval != interval || row.WithinShare == nil {
			continue
		}
		y := len(k.Bars) * chartRow
		b := shareBar{Group: shortened(groupLabel(analysis.ByCategory, row.Group, o.Categories)), Y: y + 4, Baseline: y + 17, W: int(*row.WithinShare * chartWidth)}
		b.End = chartLabels + b.W + 6
		b.Text = fmt.Sprintf("%s (%d/%d)", percent(row.WithinShare), row.Within, row.Judged)
		if row.Few {
			b.Text = "* " + b.Text
		}
		k.Bars = append(k.Bars, b)
	}
	k.Height = len(k.Bars)*chartRow + 4
	return k
}

// classes is how many shades the map has, from quick to slow.
const classes = 5

func (c *Charts) slow(f analysis.Figures) *slowMap {
	if len(c.Spots) == 0 {
		return nil
	}
	p90 := map[string]analysis.Row{}
	least, most := math.Inf(1), 0.0
	for _, row := range c.Districts.Rows {
		if row.Interval != sop.Response || row.P90S == nil {
			continue
		}
		p90[row.Group] = row
		if !row.Few {
			least, most = min(least, *row.P90S), max(most, *row.P90S)
		}
	}
	if len(p90) == 0 {
		return nil
	}
	if most == 0 { // all have few values
		least = 0
	}
	step := max((most-least)/classes, 1)
	class := func(row analysis.Row, known bool) string {
		if !known || row.Few {
			return "unknown"
		}
		return fmt.Sprintf("slow%d", min(classes-1, int((*row.P90S-least)/step)))
	}
	bound := orb.MultiPoint{}
	for _, s := range c.Spots {
		bound = append(bound, s.Point)
	}
	box := bound.Bound()
	squeeze := math.Cos(box.Center()[1] * math.Pi / 180)
	scale := min((mapWidth-2*mapMargin)/max(1e-6, (box.Right()-box.Left())*squeeze), (mapHigh-2*mapMargin)/max(1e-6, box.Top()-box.Bottom()))
	aside := (mapWidth - int((box.Right()-box.Left())*squeeze*scale)) / 2
	place := func(p orb.Point) (x, y int) {
		return aside + int((p[0]-box.Left())*squeeze*scale), mapMargin + int((box.Top()-p[1])*scale)
	}
	m := &slowMap{Meaning: meaning(f, sop.Response)}
	sums, counts := map[string]orb.Point{}, map[string]int{}
	var order []string
	for _, s := range c.Spots {
		x, y := place(s.Point)
		row, known := p90[s.District]
		m.Spots = append(m.Spots, mapSpot{x, y, class(row, known)})
		m.Height = max(m.Height, y+mapMargin)
		if counts[s.District] == 0 {
			order = append(order, s.District)
		}
		sum := sums[s.District]
		sums[s.District] = orb.Point{sum[0] + s.Point[0], sum[1] + s.Point[1]}
		counts[s.District]++
	}
	for _, name := range order {
		n := float64(counts[name])
		x, y := place(orb.Point{sums[name][0] / n, sums[name][1] / n})
		text := printable(name)
		if row, known := p90[name]; known {
			mark := ""
			if row.Few {
				mark = "*"
			}
			text += fmt.Sprintf(" %s%s (%d)", mark, bounded(row.P90S, row.P90AtLeast), row.Count)
		}
		m.Names = append(m.Names, label{x, y, text})
	}
	spread(m.Names)
	for i := range classes {
		if most == 0 {
			break
		}
		from, to := least+float64(i)*step, least+float64(i+1)*step
		m.Legend = append(m.Legend, legend{fmt.Sprintf("slow%d", i), span(&from) + "–" + span(&to), 0, 0})
	}
	m.Legend = append(m.Legend, legend{"unknown", fmt.Sprintf("n < %d", analysis.Few), 0, 0})
	for i := range m.Legend {
		m.Legend[i].Y, m.Legend[i].Baseline = m.Height+i*18, m.Height+i*18+11
	}
	m.Height += len(m.Legend)*18 + 4
	return m
}
