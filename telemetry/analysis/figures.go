package analysis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/cases"
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
	ByDay      By = "day"
	ByWeek     By = "week" // named by its Monday
)

// Groupings lists them all but ByNothing.
func Groupings() []By {
	return []By{ByCategory, ByAgency, ByUnit, ByDistrict, ByHour, ByWeekday, ByDay, ByWeek, ByMonth}
}

// Few is the number of values under which a row is marked: a percentile of them
// says little.
const Few = 5

// Reason is why an interval that one would expect is not counted.
type Reason string

// The reasons.
const (
	// Contradictory: it ends before it starts; two clocks or people disagree.
	Contradictory Reason = "contradictory"
	// ClockUnsure: an end was timed by a device whose clock is ahead of the time
	// at which it was heard.
	ClockUnsure Reason = "clock_unsure"
	// Corrected: an old value; the corrected one is counted.
	Corrected Reason = "corrected"
	// StillOpen: its end has not come, the incident is not closed, and it is not
	// over its limit yet.
	StillOpen Reason = "still_open"
	// TakenOff: the unit was taken off, or sent elsewhere, before its end.
	TakenOff Reason = "taken_off"
	// NoStart and NoEnd: the milestone was never recorded, and its time is past.
	NoStart Reason = "no_start"
	NoEnd   Reason = "no_end"
)

// reasons are in the order of a report.
var reasons = [reasonCount]Reason{NoStart, NoEnd, TakenOff, StillOpen, ClockUnsure, Contradictory, Corrected}

const reasonCount = 7

// Reasons lists them all, in the order of a report.
func Reasons() []Reason { return slices.Clone(reasons[:]) }

// place is where a reason stands in that order.
func (r Reason) place() int { return slices.Index(reasons[:], r) }

// OpenMethod says how intervals count that have not ended, as every report
// prints it.
const OpenMethod = "an interval that has not ended counts as soon as it is over its limit, as not within and at least as long as it has lasted; " +
	"so does one whose report never came before its unit was taken off or its incident closed; a median or percentile that this may still raise is marked ≥"

// Options say how a record's figures are made.
type Options struct {
	By By
	// Zone tells the hour, day, week and month of a call.
	Zone *time.Location
	// Plan has the limits by which intervals are judged that have not ended.
	Plan sop.Plan
	// Now is when these are looked at; zero leaves them all out.
	Now time.Time
}

// Figures are the response times of a period.
type Figures struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	By   By        `json:"by,omitzero"`
	// Zone is the local time by which hours, weekdays and months are counted.
	Zone string `json:"zone"`
	// Incidents are those whose call was received in the period; Open of them
	// are not closed. Duplicates, which were merged into another incident, and Cancelled
	// ones are not among them and in no other figure.
	Incidents  int `json:"incidents"`
	Open       int `json:"open"`
	Duplicates int `json:"duplicates"`
	Cancelled  int `json:"cancelled"`

	MedianMethod     string `json:"median_method"`
	PercentileMethod string `json:"percentile_method"`
	OpenMethod       string `json:"open_method"`
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
	// Count is how many values there are, OpenOver of them of intervals that have
	// not ended and are over their limit. Of none there are no figures.
	Count    int `json:"count"`
	OpenOver int `json:"open_over,omitzero"`
	// Unreported of them are over their limit and never ended by a report: the unit was
	// taken off, or the incident closed, before it came.
	Unreported int `json:"unreported,omitzero"`
	// MixedClocks is how many values have one end by a device's clock and the
	// other by the gateway's.
	MixedClocks int `json:"mixed_clocks,omitzero"`

	MedianS *float64 `json:"median_s"`
	P90S    *float64 `json:"p90_s"`
	MinS    *float64 `json:"min_s"`
	MaxS    *float64 `json:"max_s"`
	// AtLeast marks figures that intervals which have not ended may still raise.
	MedianAtLeast bool `json:"median_at_least,omitzero"`
	P90AtLeast    bool `json:"p90_at_least,omitzero"`
	MaxAtLeast    bool `json:"max_at_least,omitzero"`
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

// Figures groups the record and computes its figures.
func (r *Record) Figures(o Options) (Figures, error) {
	s, err := r.Survey(o, false)
	if err != nil {
		return Figures{}, err
	}
	return s.Figures[0], nil
}

// judge tells why a sample is not counted, empty when it is.
func (c *call) judge(s *cases.Interval) (why Reason, mixed bool) {
	if s.SupersededBefore {
		return Corrected, false
	}
	unsure, mixed := c.clocks(s)
	switch {
	case s.Contradictory || s.Lasted < 0:
		return Contradictory, mixed
	case unsure:
		return ClockUnsure, mixed
	}
	return "", mixed
}

// limit is that of an interval, or of the clock of that name.
func (d *definition) limit(plan sop.Plan, category string) time.Duration {
	if d.SOP {
		return plan.Limit(sop.ClockName(d.Interval), category)
	}
	return plan.Targets[d.Interval]
}

func names(all []By) string {
	out := make([]string, len(all))
	for i, b := range all {
		out[i] = string(b)
	}
	return strings.Join(out, ", ")
}

// inReport is the order of rows in a report.
func inReport(by By) func(a, b cell) int {
	places := map[sop.IntervalName]int{}
	for i, d := range definitions {
		places[d.Interval] = i
	}
	place := func(name sop.IntervalName) int {
		if i, defined := places[name]; defined {
			return i
		}
		return len(places)
	}
	return func(a, b cell) int {
		return cmp.Or(cmp.Compare(place(a.interval), place(b.interval)), strings.Compare(string(a.interval), string(b.interval)), order(by, a.group, b.group))
	}
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
