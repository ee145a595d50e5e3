package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
)

// By is what figures are grouped by.
type By string

// The groupings. ByNothing makes one group of all.
const (
	ByNothing  By = ""
	ByCategory By = "category"
	ByAgency   By = "agency"
	ByUnit     By = "unit"
	ByDistrict By = "district"
	ByHour     By = "hour"
	ByWeekday  By = "weekday"
	ByMonth    By = "month"
)

// Groupings lists them all but ByNothing.
func Groupings() []By {
	return []By{ByCategory, ByAgency, ByUnit, ByDistrict, ByHour, ByWeekday, ByMonth}
}

// Few is the number of values under which a row is marked: a percentile of them
// says little.
const Few = 5

// WIB is the local time of western Indonesia.
func WIB() *time.Location { return time.FixedZone("WIB", 7*3600) }

// Reason is why an interval that one would expect is not counted.
type Reason string

// The reasons.
const (
	// Contradictory: it ends before it starts; two clocks or people disagree.
	Contradictory Reason = "contradictory"
	// StillOpen: its end has not come, and the incident is not closed.
	StillOpen Reason = "still_open"
	// NoStart and NoEnd: the milestone was never recorded, and the incident is
	// closed.
	NoStart Reason = "no_start"
	NoEnd   Reason = "no_end"
)

// Reasons lists them all, in the order of a report.
func Reasons() []Reason { return []Reason{NoStart, NoEnd, StillOpen, Contradictory} }

// Figures are the response times of a period.
type Figures struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	By   By        `json:"by,omitzero"`
	// Zone is the local time by which hours, weekdays and months are told.
	Zone string `json:"zone"`
	// Incidents are those whose call was received in the period; Open of them
	// are not closed.
	Incidents int `json:"incidents"`
	Open      int `json:"open"`

	MedianMethod     string `json:"median_method"`
	PercentileMethod string `json:"percentile_method"`
	// WholeFlowReadings say which reading of "1.47 Jam" whole_flow was judged
	// by; more than one when the setting was changed within the period.
	WholeFlowReadings []string     `json:"whole_flow_readings,omitzero"`
	Definitions       []Definition `json:"definitions"`
	Rows              []Row        `json:"rows"`
}

// Row is one interval in one group. Times are in seconds.
type Row struct {
	Group    string           `json:"group"`
	Interval sop.IntervalName `json:"interval"`
	// Count is how many values were measured. Of none there are no figures.
	Count   int      `json:"count"`
	MedianS *float64 `json:"median_s"`
	P90S    *float64 `json:"p90_s"`
	MinS    *float64 `json:"min_s"`
	MaxS    *float64 `json:"max_s"`
	// Judged is how many had a target, Within how many of them kept it.
	Judged      int      `json:"judged"`
	Within      int      `json:"within"`
	WithinShare *float64 `json:"within_share"`
	// TargetsS are the targets that they were judged by, mostly one.
	TargetsS []float64      `json:"targets_s,omitzero"`
	LeftOut  map[Reason]int `json:"left_out,omitzero"`
	// Few marks rows with fewer than [Few] values.
	Few bool `json:"few,omitzero"`
}

// LeftOutCount is how many expected intervals are not counted, for any reason.
func (r Row) LeftOutCount() int {
	n := 0
	for _, count := range r.LeftOut {
		n += count
	}
	return n
}

// cell is where a value belongs.
type cell struct {
	group    string
	interval sop.IntervalName
}

// tally gathers what belongs in one row.
type tally struct {
	values         []float64
	judged, within int
	targets        map[float64]bool
	leftOut        map[Reason]int
}

// Figures groups the record and computes its figures; zone tells the hour,
// weekday and month of a call.
func (r *Record) Figures(by By, zone *time.Location) (Figures, error) {
	if by != ByNothing && !slices.Contains(Groupings(), by) {
		return Figures{}, fmt.Errorf("cannot group by %q; known: %s", by, names(Groupings()))
	}
	tallies := map[cell]*tally{}
	at := func(group string, interval sop.IntervalName) *tally {
		key := cell{group, interval}
		if tallies[key] == nil {
			tallies[key] = &tally{targets: map[float64]bool{}, leftOut: map[Reason]int{}}
		}
		return tallies[key]
	}
	for _, s := range r.samples {
		at(r.group(by, zone, s.part, s.agency), s.interval).add(s)
	}
	r.missing(func(p part, agency string, interval sop.IntervalName, why Reason) {
		at(r.group(by, zone, p, agency), interval).leftOut[why]++
	})
	f := Figures{
		From: r.From, To: r.To, By: by, Zone: zone.String(), Incidents: len(r.calls),
		MedianMethod: MedianMethod, PercentileMethod: PercentileMethod, Definitions: Definitions(), Rows: []Row{},
	}
	for _, c := range r.calls {
		if !c.reached[incident.Closed] {
			f.Open++
		}
	}
	readings := map[string]bool{}
	for key, t := range tallies {
		f.Rows = append(f.Rows, t.row(key))
		if key.interval == sop.IntervalName(sop.WholeFlow) {
			for limit := range t.targets {
				readings[WholeFlowReading(limit)] = true
			}
		}
	}
	f.WholeFlowReadings = slices.Sorted(maps.Keys(readings))
	slices.SortFunc(f.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(place(a.Interval), place(b.Interval)), strings.Compare(string(a.Interval), string(b.Interval)), order(by, a.Group, b.Group))
	})
	return f, nil
}

func names(all []By) string {
	out := make([]string, len(all))
	for i, b := range all {
		out[i] = string(b)
	}
	return strings.Join(out, ", ")
}

// group is the group to which a unit's part in an incident belongs. What belongs
// to no unit, such as the whole flow, has an empty agency and unit.
func (r *Record) group(by By, zone *time.Location, p part, agency string) string {
	c := r.calls[p.incident]
	switch by {
	case ByCategory:
		return c.category
	case ByAgency:
		return agency
	case ByUnit:
		return p.unit
	case ByDistrict:
		return c.district
	case ByHour:
		return fmt.Sprintf("%02d", c.at.In(zone).Hour())
	case ByWeekday:
		return c.at.In(zone).Weekday().String()
	case ByMonth:
		return c.at.In(zone).Format("2006-01")
	}
	return ""
}

// place is where an interval stands in the order of a report.
func place(name sop.IntervalName) int {
	all := Definitions()
	if i := slices.IndexFunc(all, func(d Definition) bool { return d.Interval == name }); i >= 0 {
		return i
	}
	return len(all)
}

// order compares groups: weekdays from Monday, everything else as text.
func order(by By, a, b string) int {
	if by == ByWeekday {
		return cmp.Compare(weekday(a), weekday(b))
	}
	return strings.Compare(a, b)
}

func weekday(name string) int {
	for d := range 7 {
		if time.Weekday(d).String() == name {
			return (d + 6) % 7
		}
	}
	return 7
}

func (t *tally) add(s sample) {
	if s.contradictory || s.seconds < 0 {
		t.leftOut[Contradictory]++
		return
	}
	t.values = append(t.values, s.seconds)
	if s.limitS > 0 {
		t.judged++
		t.targets[s.limitS] = true
		if s.within {
			t.within++
		}
	}
}

func (t *tally) row(key cell) Row {
	slices.Sort(t.values)
	row := Row{
		Group: key.group, Interval: key.interval, Count: len(t.values), Judged: t.judged, Within: t.within,
		TargetsS: slices.Sorted(maps.Keys(t.targets)), Few: len(t.values) < Few,
	}
	if len(t.leftOut) > 0 {
		row.LeftOut = t.leftOut
	}
	if n := len(t.values); n > 0 {
		median, p90, least, most := Median(t.values), NearestRank(t.values, 90), t.values[0], t.values[n-1]
		row.MedianS, row.P90S, row.MinS, row.MaxS = &median, &p90, &least, &most
	}
	if t.judged > 0 {
		share := float64(t.within) / float64(t.judged)
		row.WithinShare = &share
	}
	return row
}
