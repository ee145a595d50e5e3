package gateway

import (
	"testing"
	"time"
)

// TestThrift lets a gateway be busy and then quiet: while it is busy the collector lets
// lie what comes in a few seconds, and only in quiet times is memory given back, once in
// a while.
func TestThrift(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	var judge thrift
	u := usage{live: 16 << 20, objects: 40 << 20, free: 2 << 20}
	seconds := func(n int, made uint64) (percent, rests int) {
		for range n {
			now = now.Add(time.Second)
			u.made += made
			var rest bool
			if percent, rest = judge.look(u, now); rest {
				rests++
			}
		}
		return percent, rests
	}
	for _, c := range []struct {
		name     string
		seconds  int
		made     uint64 // each second
		percent  int
		rests    int
		live, of uint64
	}{
		{"busy: four seconds' worth", 60, 8 << 20, 200, 0, 16 << 20, 40 << 20},
		{"a flood: no more than the bound", 30, 200 << 20, 300, 0, 16 << 20, 40 << 20},
		{"quiet: no less than the bound, given back after a while", 30, 1 << 20, 50, 1, 16 << 20, 40 << 20},
		{"still quiet: not again at once", 30, 1 << 20, 50, 0, 16 << 20, 40 << 20},
		{"a minute later: again", 30, 1 << 20, 50, 1, 16 << 20, 40 << 20},
		{"quiet for an hour, nothing to give back", 3600, 1 << 20, 50, 0, 16 << 20, 17 << 20},
		{"much lives: it costs its size once", 30, 8 << 20, 10, 0, 1 << 30, 1 << 30},
		{"hardly anything lives", 30, 8 << 20, hurriedPercent, 0, 1 << 20, 8 << 20},
	} {
		u.live, u.objects = c.live, c.of
		percent, rests := seconds(c.seconds, c.made)
		if percent < c.percent*95/100 || percent > c.percent*105/100 || rests != c.rests {
			t.Errorf("%s: %d %%, given back %d times; want %d, %d", c.name, percent, rests, c.percent, c.rests)
		}
	}
}
