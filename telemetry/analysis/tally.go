package analysis

import (
	"maps"
	"slices"

	"htgateway/gateway/sop"
)

// cell is where a value belongs.
type cell struct {
	group    string
	interval sop.IntervalName
}

// tally gathers what belongs in one row.
type tally struct {
	// chunks are the values of intervals that ended, in pieces: a year has a million,
	// which would be copied whenever one slice of them grows.
	chunks [][]float64
	ended  int
	// over are those that have not ended and are over their limit already: each
	// is at least as long as it has lasted.
	over           []float64
	judged, within int
	mixed          int
	targets        map[float64]bool
	leftOut        map[Reason]int
}

func newTally() *tally { return &tally{targets: map[float64]bool{}, leftOut: map[Reason]int{}} }

func (t *tally) add(s *sample, mixed bool) {
	t.push(s.seconds)
	if mixed {
		t.mixed++
	}
	if s.limitS > 0 {
		t.judged++
		t.targets[s.limitS] = true
		if s.within {
			t.within++
		}
	}
}

// Sizes of the first and the longest pieces of values.
const (
	shortChunk = 8
	longChunk  = 4096
)

func (t *tally) push(seconds float64) {
	last := len(t.chunks) - 1
	if last < 0 || len(t.chunks[last]) == cap(t.chunks[last]) {
		size := shortChunk
		if last >= 0 {
			size = min(longChunk, 2*cap(t.chunks[last]))
		}
		t.chunks = append(t.chunks, make([]float64, 0, size))
		last++
	}
	t.chunks[last] = append(t.chunks[last], seconds)
	t.ended++
}

// values are those of intervals that ended, in one new slice.
func (t *tally) values() []float64 {
	out := make([]float64, 0, t.ended+len(t.over))
	for _, c := range t.chunks {
		out = append(out, c...)
	}
	return out
}

// addOver takes an interval that still runs, seconds long, over its limit.
func (t *tally) addOver(seconds, limitS float64) {
	t.over = append(t.over, seconds)
	t.judged++
	t.targets[limitS] = true
}

func (t *tally) row(key cell) Row {
	row := Row{
		Group: key.group, Interval: key.interval, Count: t.ended + len(t.over), OpenOver: len(t.over), Judged: t.judged, Within: t.within,
		MixedClocks: t.mixed, TargetsS: slices.Sorted(maps.Keys(t.targets)), Few: t.ended+len(t.over) < Few,
	}
	if len(t.leftOut) > 0 {
		row.LeftOut = t.leftOut
	}
	if row.Count > 0 {
		all := t.sorted()
		slices.Sort(t.over)
		median, p90, least, most := Median(all), NearestRank(all, 90), all[0], all[len(all)-1]
		row.MedianS, row.P90S, row.MinS, row.MaxS = &median, &p90, &least, &most
		// What still runs may end at any later time. A figure that none of it
		// stands below is exact, whenever they end; else it is a lower bound.
		if len(t.over) > 0 {
			row.MedianAtLeast = t.over[0] <= all[len(all)/2]
			row.P90AtLeast, row.MaxAtLeast = t.over[0] <= p90, true
		}
	}
	if t.judged > 0 {
		share := float64(t.within) / float64(t.judged)
		row.WithinShare = &share
	}
	return row
}

// merge takes what another tally of the same cell has.
func (t *tally) merge(other *tally) {
	t.chunks, t.over, t.ended = append(t.chunks, other.chunks...), append(t.over, other.over...), t.ended+other.ended
	t.judged, t.within, t.mixed = t.judged+other.judged, t.within+other.within, t.mixed+other.mixed
	for limit := range other.targets {
		t.targets[limit] = true
	}
	for why, n := range other.leftOut {
		t.leftOut[why] += n
	}
}

// sorted are all values, of intervals that ended and of those that run over.
func (t *tally) sorted() []float64 {
	all := append(t.values(), t.over...)
	slices.Sort(all)
	return all
}
