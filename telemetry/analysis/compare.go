package analysis

import (
	"errors"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident/sop"
)

// Comparison sets figures beside those of another period.
type Comparison struct {
	From       time.Time `json:"from,omitzero"`
	To         time.Time `json:"to,omitzero"`
	Incidents  int       `json:"incidents"`
	Open       int       `json:"open"`
	Duplicates int       `json:"duplicates"`
	Cancelled  int       `json:"cancelled"`
	// Method says how a difference is tested against chance.
	Method string   `json:"method"`
	Rows   []Change `json:"rows"`
}

// Change is one interval of one group in both periods. Differences are this period
// less the other; they are absent where one period has no value.
type Change struct {
	Group    string           `json:"group"`
	Interval sop.IntervalName `json:"interval"`
	// Now and Then are the rows of this period and of the other one.
	Now  Row `json:"now"`
	Then Row `json:"then"`

	MedianS *float64 `json:"median_change_s"`
	P90S    *float64 `json:"p90_change_s"`
	// Within is in parts of 1.
	Within *float64 `json:"within_change"`
	// Times is about all values, Share about those within their target.
	Times Finding `json:"times"`
	Share Finding `json:"share"`
}

// Finding is what can be said of a difference.
type Finding struct {
	Verdict Verdict `json:"verdict"`
	// P is how likely a difference at least this large is by chance, adjusted for all
	// tests of the comparison; absent where there was none.
	P *float64 `json:"p"`
}

// Verdict says whether a difference can be chance.
type Verdict string

// The verdicts. Of times the first two say longer and shorter, of shares larger
// and smaller.
const (
	More   Verdict = "more"
	Less   Verdict = "less"
	Chance Verdict = "chance"
	// TooFew: one period has fewer than [Few] values.
	TooFew Verdict = "few"
)

// Level is under which probability a difference counts as more than chance.
const Level = 0.05

// ChanceMethod says how, as every comparison prints it.
const ChanceMethod = "times: Mann–Whitney rank test of all values, two-sided; shares: Fisher's exact test, two-sided; " +
	"a difference is told from chance when p < 0.05 after Holm's adjustment over all tests of this comparison; with fewer than 5 values in one period none is made; " +
	"an interval that has not ended and is over its limit counts with the time it has lasted"

var errPairs = errors.New("days, weeks and months of two periods do not pair: compare by something else")

// CheckPeriods tells why figures by a grouping of two scopes cannot stand side by side.
func CheckPeriods(by By, these, those Scope) error {
	switch {
	case by == ByDay || by == ByWeek || by == ByMonth:
		return errPairs
	case these.overlaps(those):
		return errors.New("the two periods overlap: the same incidents would stand on both sides")
	}
	return nil
}

// Compare sets the figures of this survey beside those of another period, which were
// made with the same options.
func (these Survey) Compare(those Survey) (Comparison, error) {
	if err := CheckPeriods(these.by, these.scope, those.scope); err != nil {
		return Comparison{}, err
	}
	now, then := these.Figures[0], those.Figures[0]
	c := Comparison{From: then.From, To: then.To, Incidents: then.Incidents, Open: then.Open, Duplicates: then.Duplicates, Cancelled: then.Cancelled, Method: ChanceMethod, Rows: []Change{}}
	rows := map[cell]*Change{}
	for _, row := range now.Rows {
		rows[cell{row.Group, row.Interval}] = &Change{Group: row.Group, Interval: row.Interval, Now: row, Then: empty(row)}
	}
	for _, row := range then.Rows {
		key := cell{row.Group, row.Interval}
		if rows[key] == nil {
			rows[key] = &Change{Group: row.Group, Interval: row.Interval, Now: empty(row)}
		}
		rows[key].Then = row
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for key, change := range rows {
		g.Go(func() error {
			change.differences()
			change.test(these.tallies[key], those.tallies[key])
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	for _, key := range slices.SortedFunc(maps.Keys(rows), inReport(these.by)) {
		c.Rows = append(c.Rows, *rows[key])
	}
	c.adjust()
	return c, nil
}

// overlaps tells whether a call may belong to both periods.
func (s Scope) overlaps(t Scope) bool {
	before := func(end, start time.Time) bool { return !end.IsZero() && !start.Before(end) }
	return !before(s.To, t.From) && !before(t.To, s.From)
}

// empty is the row of a group of which a period has nothing.
func empty(like Row) Row { return Row{Group: like.Group, Interval: like.Interval, Few: true} }

func (c *Change) differences() {
	less := func(a, b *float64) *float64 {
		if a == nil || b == nil {
			return nil
		}
		d := *a - *b
		return &d
	}
	c.MedianS, c.P90S, c.Within = less(c.Now.MedianS, c.Then.MedianS), less(c.Now.P90S, c.Then.P90S), less(c.Now.WithinShare, c.Then.WithinShare)
}

// test makes both tests where there are enough values; their probabilities are not
// adjusted yet.
func (c *Change) test(now, then *tally) {
	c.Times, c.Share = Finding{Verdict: TooFew}, Finding{Verdict: TooFew}
	if now == nil || then == nil {
		return
	}
	if min(c.Now.Count, c.Then.Count) >= Few {
		a, b := now.sorted(), then.sorted()
		p := rankSum(a, b)
		c.Times = Finding{direction(higher(a, b)), &p}
	}
	if min(c.Now.Judged, c.Then.Judged) >= Few {
		p := exactShares(c.Now.Within, c.Now.Judged, c.Then.Within, c.Then.Judged)
		c.Share = Finding{direction(*c.Now.WithinShare - *c.Then.WithinShare), &p}
	}
}

func direction(difference float64) Verdict {
	if difference > 0 {
		return More
	}
	return Less
}

// higher is above 0 when values of a tend to be larger than those of b, both
// sorted: how many pairs say so less those that say the contrary.
func higher(a, b []int64) float64 {
	var sum float64
	below, upTo := 0, 0
	for _, v := range a {
		for below < len(b) && b[below] < v {
			below++
		}
		for upTo < len(b) && b[upTo] <= v {
			upTo++
		}
		sum += float64(below) - float64(len(b)-upTo)
	}
	return sum
}

// adjust adjusts the probabilities for how many tests were made, and takes the
// verdict back where a difference may be chance.
func (c *Comparison) adjust() {
	var found []*Finding
	var ps []float64
	for i := range c.Rows {
		for _, f := range []*Finding{&c.Rows[i].Times, &c.Rows[i].Share} {
			if f.P != nil {
				found, ps = append(found, f), append(ps, *f.P)
			}
		}
	}
	for i, p := range holm(ps) {
		found[i].P = &p
		if p >= Level || math.IsNaN(p) {
			found[i].Verdict = Chance
		}
	}
}
