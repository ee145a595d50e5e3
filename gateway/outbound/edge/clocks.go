package edge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"htgateway/gateway/journal"
	"htgateway/geo"
)

// clockRange says how the site's clock stood to the centre's while it journaled a run of
// entries: those after From, up to the next range's.
type clockRange struct {
	From uint64 `json:"from"`
	// Run counts the runs of the gateway. How the clock went on from one to the next is
	// not known.
	Run int `json:"run"`
	// StepS is by how many seconds the clock was set ahead (or, below 0, back) where the
	// range begins.
	StepS float64 `json:"step_s,omitzero"`
	// ClockS is how many seconds it was ahead of the centre's: as it was measured during
	// the range, or as it follows from that and the steps of the same run.
	ClockS geo.Reading `json:"clock_s,omitzero"`
}

const (
	// clockStepped is from when a difference to the time that passed is a step: less is
	// what a daemon corrects by and by.
	clockStepped = time.Second
	// clockDrifted is from when a measurement begins another range, in seconds.
	clockDrifted = 0.25
	// clockEvery is how often the clock is compared with the time that passed.
	clockEvery = 250 * time.Millisecond
	// clocksAtMost bounds the ranges; the oldest are then not known any more.
	clocksAtMost = 1000
)

// clocks notes the steps of the site's clock, and how it stood when each entry came. It is
// safe for concurrent use.
type clocks struct {
	journal Journal
	now     func() time.Time
	began   time.Time // with the monotonic time that passes whatever the clock is set to
	changed func()    // the ranges are to be kept

	mu     sync.Mutex
	ranges []clockRange
	run    int
	// ahead is how far the clock was before the time that passed, and newest the newest
	// entry, when they were compared last.
	ahead  time.Duration
	newest uint64
}

// newClocks begins another run of the gateway after entry last.
func newClocks(j Journal, kept []clockRange, last uint64, now func() time.Time, changed func()) *clocks {
	c := &clocks{journal: j, now: now, began: time.Now(), changed: changed, ranges: kept, run: 1, newest: last}
	if n := len(kept); n > 0 {
		c.run = kept[n-1].Run + 1
	}
	c.ahead = c.compare()
	c.add(clockRange{From: last, Run: c.run})
	return c
}

// compare is how far the clock is before the time that passed.
func (c *clocks) compare() time.Duration {
	return c.now().Round(0).Sub(c.began.Round(0)) - time.Since(c.began)
}

func (c *clocks) add(r clockRange) {
	if n := len(c.ranges); n > 0 && c.ranges[n-1].From >= r.From && c.ranges[n-1].Run == r.Run {
		// Nothing was journaled in between.
		r.From, r.StepS = c.ranges[n-1].From, c.ranges[n-1].StepS+r.StepS
		c.ranges = c.ranges[:n-1]
	}
	c.ranges = append(c.ranges, r)
	if more := len(c.ranges) - clocksAtMost; more > 0 {
		c.ranges = slices.Delete(c.ranges, 0, more)
	}
}

// look compares the clock with the time that passed, and notes a step and from which entry
// on it counts. It returns by how many seconds the clock was set ahead.
func (c *clocks) look(ctx context.Context) (stepS float64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, err := c.journal.Last(ctx)
	if err != nil {
		return 0, fmt.Errorf("cannot note how the clock goes: %w", err)
	}
	ahead := c.compare()
	step := ahead - c.ahead
	if step.Abs() < clockStepped {
		c.newest = last
		return 0, nil // ahead stays: what is corrected by and by adds up
	}
	from := last
	if last > c.newest {
		entries, err := c.journal.Read(ctx, c.newest, int(min(last-c.newest, 10_000)))
		if err != nil {
			return 0, fmt.Errorf("cannot note from when on the clock was set: %w", err)
		}
		now := c.now()
		for _, e := range entries {
			if e.At.Sub(now).Abs() < e.At.Sub(now.Add(-step)).Abs() {
				from = e.Seq - 1
				break
			}
		}
	}
	c.ahead, c.newest = ahead, last
	next := clockRange{From: from, Run: c.run, StepS: step.Seconds()}
	if was, known := c.ranges[len(c.ranges)-1].ClockS.Value(); known {
		next.ClockS = geo.Measured(was + step.Seconds())
	}
	c.add(next)
	c.changed()
	return step.Seconds(), nil
}

// measured takes how many seconds the clock is ahead of the centre's, and by how much that
// may be wrong. What this run journaled before counts by it too, as far as no other
// measurement tells of that.
func (c *clocks) measured(ctx context.Context, clockS, errorS float64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := &c.ranges[len(c.ranges)-1]
	if was, known := current.ClockS.Value(); known {
		if math.Abs(clockS-was) <= max(clockDrifted, 2*errorS) {
			return nil
		}
		last, err := c.journal.Last(ctx)
		if err != nil {
			return fmt.Errorf("cannot note how the clock stands: %w", err)
		}
		c.add(clockRange{From: last, Run: c.run, ClockS: geo.Measured(clockS)})
		c.changed()
		return nil
	}
	current.ClockS = geo.Measured(clockS)
	for i := len(c.ranges) - 1; i > 0 && c.ranges[i-1].Run == c.run && !known(c.ranges[i-1].ClockS); i-- {
		c.ranges[i-1].ClockS = geo.Measured(c.ranges[i].ClockS.Or(0) - c.ranges[i].StepS)
	}
	c.changed()
	return nil
}

// at is how many seconds the clock was ahead of the centre's when an entry was journaled,
// unknown where nothing tells.
func (c *clocks) at(seq uint64) geo.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.ranges) - 1; i >= 0; i-- {
		if c.ranges[i].From < seq {
			return c.ranges[i].ClockS
		}
	}
	return geo.Reading{}
}

// kept are the ranges that entries after one still need.
func (c *clocks) kept(after uint64) []clockRange {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := 0
	for first+1 < len(c.ranges) && c.ranges[first+1].From <= after {
		first++
	}
	c.ranges = slices.Delete(c.ranges, 0, first)
	return slices.Clone(c.ranges)
}

// recordsOf are the entries that a site hands over, each with how its clock stood then.
func (c *clocks) recordsOf(entries []journal.Entry) []Record {
	var out []Record
	for _, e := range entries {
		if carried(e.Kind) {
			clock := c.at(e.Seq)
			out = append(out, Record{ID: e.ID, Kind: e.Kind, At: e.At, Body: e.Body, ClockS: clock, ClockUnknown: !known(clock)})
		}
	}
	return out
}
