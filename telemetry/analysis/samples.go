package analysis

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/sop"
)

// Sample is one measured interval as it stands behind the figures.
type Sample struct {
	Incident string           `json:"incident"`
	Category string           `json:"category"`
	District string           `json:"district"`
	Unit     string           `json:"unit"`
	Agency   string           `json:"agency"`
	Interval sop.IntervalName `json:"interval"`
	// From and To are its ends, UTC.
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds float64   `json:"seconds"`
	// LimitS is 0 where it is not judged.
	LimitS float64 `json:"limit_s"`
	Within bool    `json:"within"`
	// LeftOut is why it is not counted, empty when it is.
	LeftOut Reason `json:"left_out,omitzero"`
	// MixedClocks: its ends were told by two clocks.
	MixedClocks bool `json:"mixed_clocks,omitzero"`
}

// Samples lists the measured intervals of the record, also those that are left
// out, in order of their end, incident, unit and name.
func (r *Record) Samples() ([]Sample, error) {
	out := []Sample{}
	err := r.each(r.cases, func(c *call) {
		for i := range c.samples {
			s := &c.samples[i]
			why, mixed := r.judge(c, s)
			to := time.Unix(0, s.ended).UTC()
			out = append(out, Sample{
				Incident: c.id, Category: c.category, District: c.district, Unit: s.unit, Agency: s.agency, Interval: s.interval,
				From: to.Add(-time.Duration(math.Round(s.seconds * float64(time.Second)))), To: to,
				Seconds: s.seconds, LimitS: s.limitS, Within: s.within, LeftOut: why, MixedClocks: mixed,
			})
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Sample) int {
		return cmp.Or(a.To.Compare(b.To), strings.Compare(a.Incident, b.Incident), strings.Compare(a.Unit, b.Unit),
			strings.Compare(string(a.Interval), string(b.Interval)), cmp.Compare(a.Seconds, b.Seconds))
	})
	return out, nil
}

// Distribution says how many values of an interval lie in each of a row of
// equally wide bins, from 0 on.
type Distribution struct {
	Interval sop.IntervalName `json:"interval"`
	// WidthS is a bin's width in seconds; a value on a border counts in the lower.
	WidthS float64 `json:"width_s"`
	Counts []int   `json:"counts"`
	// Beyond is how many are longer than all bins.
	Beyond int `json:"beyond,omitzero"`
}

// mostBins is how many bins there are at most.
const mostBins = 24

// binWidths are widths that people read easily, in seconds.
func binWidths() []float64 {
	return []float64{5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200}
}

// distributions returns that of every interval with values that are counted, in
// the order of a report. The few longest, 2 %, do not stretch it.
func distributions(tallies map[cell]*tally) []Distribution {
	out := []Distribution{}
	for _, def := range Definitions() {
		t := tallies[cell{"", def.Interval}]
		if t == nil || t.ended == 0 {
			continue
		}
		all := t.values()
		slices.Sort(all)
		reach := NearestRank(all, 98)
		d := Distribution{Interval: def.Interval, WidthS: binWidths()[len(binWidths())-1]}
		for _, w := range binWidths() {
			if w*mostBins >= reach {
				d.WidthS = w
				break
			}
		}
		d.Counts = make([]int, min(mostBins, max(1, int(math.Ceil(reach/d.WidthS)))))
		for _, v := range all {
			bin := max(0, int(math.Ceil(v/d.WidthS))-1)
			if bin < len(d.Counts) {
				d.Counts[bin]++
			} else {
				d.Beyond++
			}
		}
		out = append(out, d)
	}
	return out
}
