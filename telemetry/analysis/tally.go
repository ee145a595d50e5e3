package analysis

import (
	"slices"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/cases"
)

// cell is where a value belongs.
type cell struct {
	group    string
	interval sop.IntervalName
}

// tally gathers what belongs in one row. Times are nanoseconds.
type tally struct {
	// full and last are the values of intervals that ended, in pieces: a year has a
	// million, which would be copied whenever one slice of them grows.
	full  [][]int64
	last  []int64
	ended int
	// over are those that no report has ended and that are over their limit: each is at
	// least as long as it has lasted.
	over []int64
	// unreported is how many of over will never end: the unit was taken off, or the
	// incident closed, before the report came.
	unreported     int
	judged, within int
	mixed          int
	targets        []int64
	leftOut        [reasonCount]int
}

func (t *tally) add(s *cases.Interval, mixed bool) {
	if s.Unreported {
		t.unreported++
		t.addOver(time.Duration(s.Lasted), time.Duration(s.Limit))
		return
	}
	if len(t.last) == cap(t.last) {
		t.grow()
	}
	t.last = append(t.last, s.Lasted)
	t.ended++
	if mixed {
		t.mixed++
	}
	if s.Limit > 0 {
		t.judgedBy(s.Limit)
		if s.Within {
			t.within++
		}
	}
}

func (t *tally) judgedBy(limit int64) {
	t.judged++
	if !slices.Contains(t.targets, limit) {
		t.targets = append(t.targets, limit)
	}
}

// Sizes of the first and the longest pieces of values.
const (
	shortPiece = 8
	longPiece  = 4096
)

func (t *tally) grow() {
	size := shortPiece
	if len(t.last) > 0 {
		t.full = append(t.full, t.last)
		size = min(longPiece, 2*cap(t.last))
	}
	t.last = make([]int64, 0, size)
}

// values are those of intervals that ended, in one new slice with room for what runs
// over.
func (t *tally) values() []int64 {
	out := make([]int64, 0, t.ended+len(t.over))
	for _, piece := range t.full {
		out = append(out, piece...)
	}
	return append(out, t.last...)
}

// addOver takes an interval that is over its limit and that no report has ended.
func (t *tally) addOver(lasts, limit time.Duration) {
	t.over = append(t.over, int64(lasts))
	t.judgedBy(int64(limit))
}

func (t *tally) row(key cell) Row {
	row := Row{
		Group: key.group, Interval: key.interval, Count: t.ended + len(t.over), OpenOver: len(t.over) - t.unreported, Unreported: t.unreported, Judged: t.judged, Within: t.within,
		MixedClocks: t.mixed, Few: t.ended+len(t.over) < Few,
	}
	slices.Sort(t.targets)
	for _, limit := range t.targets {
		row.TargetsS = append(row.TargetsS, seconds(limit))
	}
	for place, n := range t.leftOut {
		if n == 0 {
			continue
		}
		if row.LeftOut == nil {
			row.LeftOut = map[Reason]int{}
		}
		row.LeftOut[reasons[place]] = n
	}
	if row.Count > 0 {
		all := t.sorted()
		lower, upper := middle(all)
		p90 := nearestRank(all, 90)
		median := seconds(lower) + (seconds(upper)-seconds(lower))/2
		row.MedianS, row.P90S = &median, new(seconds(p90))
		row.MinS, row.MaxS = new(seconds(all[0])), new(seconds(all[len(all)-1]))
		// What still runs may end at any later time. A figure that none of it
		// stands below is exact, whenever they end; else it is a lower bound.
		if len(t.over) > 0 {
			least := slices.Min(t.over)
			row.MedianAtLeast, row.P90AtLeast, row.MaxAtLeast = least <= upper, least <= p90, true
		}
	}
	if t.judged > 0 {
		row.WithinShare = new(float64(t.within) / float64(t.judged))
	}
	return row
}

func seconds(nanoseconds int64) float64 { return time.Duration(nanoseconds).Seconds() }

// merge takes what another tally of the same cell has; both then share its values.
func (t *tally) merge(other *tally) {
	t.full, t.over, t.ended = append(t.full, other.full...), append(t.over, other.over...), t.ended+other.ended
	if len(other.last) > 0 {
		// It is full as far as this tally is concerned: nothing is written behind it.
		t.full = append(t.full, other.last)
	}
	t.unreported += other.unreported
	t.judged, t.within, t.mixed = t.judged+other.judged, t.within+other.within, t.mixed+other.mixed
	for _, limit := range other.targets {
		if !slices.Contains(t.targets, limit) {
			t.targets = append(t.targets, limit)
		}
	}
	for place, n := range other.leftOut {
		t.leftOut[place] += n
	}
}

// sorted are all values, of intervals that ended and of those that run over.
func (t *tally) sorted() []int64 {
	all := append(t.values(), t.over...)
	slices.Sort(all)
	return all
}
