package analysis

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident/sop"
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
	// LimitS is 0, and Within nil, where it is not judged.
	LimitS float64 `json:"limit_s,omitzero"`
	Within *bool   `json:"within,omitzero"`
	// Unreported: the report that would have ended it never came; it is at least this long.
	Unreported bool `json:"unreported,omitzero"`
	// LeftOut is why it is not counted, empty when it is.
	LeftOut Reason `json:"left_out,omitzero"`
	// MixedClocks: its ends were timed by two clocks.
	MixedClocks bool `json:"mixed_clocks,omitzero"`
}

// Samples lists the measured intervals of the record, also those that are left
// out, in order of their end, incident, unit and name.
func (r *Record) Samples() ([]Sample, error) {
	out := []Sample{}
	err := r.each(func(c *call) {
		for i := range c.samples {
			s := &c.samples[i]
			why, mixed := c.judge(s)
			var within *bool
			if s.Limit > 0 {
				within = new(s.Within)
			}
			to, team := time.Unix(0, s.Ended).UTC(), c.teams[s.Team]
			out = append(out, Sample{
				Incident: c.id, Category: c.category, District: c.district, Unit: team.Unit, Agency: team.Agency, Interval: sop.IntervalName(s.Name),
				From: to.Add(-time.Duration(s.Lasted)), To: to,
				Seconds: seconds(s.Lasted), LimitS: seconds(s.Limit), Within: within, Unreported: s.Unreported, LeftOut: why, MixedClocks: mixed,
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

// distributions returns that of every interval with values that a report ended, of the
// tallies of all groups, in the order of a report. The few longest, 2 %, do not stretch
// it.
func distributions(tallies map[cell]*tally) []Distribution {
	all := map[sop.IntervalName]*tally{}
	for key, t := range tallies {
		if all[key.interval] == nil {
			all[key.interval] = new(tally)
		}
		all[key.interval].merge(t)
	}
	out := []Distribution{}
	for _, def := range definitions {
		if t := all[def.Interval]; t != nil && t.ended > 0 {
			out = append(out, distribution(def.Interval, t.values()))
		}
	}
	return out
}

func distribution(interval sop.IntervalName, values []int64) Distribution {
	slices.Sort(values)
	reach := seconds(nearestRank(values, 98))
	d := Distribution{Interval: interval, WidthS: binWidths()[len(binWidths())-1]}
	for _, w := range binWidths() {
		if w*mostBins >= reach {
			d.WidthS = w
			break
		}
	}
	d.Counts = make([]int, min(mostBins, max(1, int(math.Ceil(reach/d.WidthS)))))
	width := int64(d.WidthS) * int64(time.Second)
	for _, v := range values {
		if bin := max(0, (v+width-1)/width-1); bin < int64(len(d.Counts)) {
			d.Counts[bin]++
		} else {
			d.Beyond++
		}
	}
	return d
}
