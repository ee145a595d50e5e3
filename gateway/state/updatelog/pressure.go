package updatelog

import "time"

// Pressure is when so many updates come that a sink which nobody waits for lets those
// go first who do: reports are acknowledged and shown on the map sooner.
const (
	pressureFrom = 3000 // updates a second
	pressureOver = 50 * time.Millisecond
)

// flow measures how many updates come.
type flow struct {
	since time.Time
	count int
	high  bool
}

// add counts updates that came now.
func (f *flow) add(updates int, now time.Time) {
	if took := now.Sub(f.since); took >= pressureOver {
		f.high = took < 2*pressureOver && float64(f.count) >= pressureFrom*took.Seconds()
		f.since, f.count = now, 0
	}
	f.count += updates
}

// pressing tells whether many come still.
func (f *flow) pressing(now time.Time) bool {
	return f.high && now.Sub(f.since) < 2*pressureOver
}

// courtesy is how a sink gives way: for a while at most, and not again before the
// pressure has ended. A flood that does not end is one that the sink has to follow.
type courtesy struct {
	most  time.Duration
	since time.Time
}

// givesWay tells whether the sink waits now.
func (c *courtesy) givesWay(pressing bool, now time.Time) bool {
	switch {
	case !pressing:
		c.since = time.Time{}
	case c.since.IsZero():
		c.since = now
	}
	return pressing && now.Sub(c.since) < c.most
}
