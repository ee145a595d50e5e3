package memory

import (
	"testing"
	"time"
)

// TestTuner has a gateway be busy and then quiet: while it is busy the garbage of a few
// seconds may lie, and only in quiet times is memory given back, once in a while.
func TestTuner(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	var tuner gcTuner
	u := usage{live: 16 << 20, objects: 40 << 20, free: 2 << 20}
	seconds := func(n int, allocated uint64) (percent, times int) {
		for range n {
			now = now.Add(time.Second)
			u.allocated += allocated
			var giveBack bool
			if percent, giveBack = tuner.next(u, now); giveBack {
				times++
			}
		}
		return percent, times
	}
	for _, c := range []struct {
		name      string
		seconds   int
		allocated uint64 // each second
		percent   int
		times     int // given back
		live, of  uint64
	}{
		{"busy: four seconds' worth", 60, 8 << 20, 200, 0, 16 << 20, 40 << 20},
		{"a flood: no more than the bound", 30, 200 << 20, 300, 0, 16 << 20, 40 << 20},
		{"quiet: no less than the bound, given back after a while", 30, 1 << 20, 50, 1, 16 << 20, 40 << 20},
		{"still quiet: not again at once", 30, 1 << 20, 50, 0, 16 << 20, 40 << 20},
		{"a minute later: again", 30, 1 << 20, 50, 1, 16 << 20, 40 << 20},
		{"quiet for an hour, nothing to give back", 3600, 1 << 20, 50, 0, 16 << 20, 17 << 20},
		{"much lives: it costs its size once", 30, 8 << 20, 10, 0, 1 << 30, 1 << 30},
		{"hardly anything lives", 30, 8 << 20, mostPercent, 0, 1 << 20, 8 << 20},
	} {
		u.live, u.objects = c.live, c.of
		percent, times := seconds(c.seconds, c.allocated)
		if percent < c.percent*95/100 || percent > c.percent*105/100 || times != c.times {
			t.Errorf("%s: %d %%, given back %d times; want %d, %d", c.name, percent, times, c.percent, c.times)
		}
	}
}
