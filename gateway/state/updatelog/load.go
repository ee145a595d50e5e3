package updatelog

import "time"

// The log is under load when at least loadFrom updates come in a second, measured over
// loadWindow. A sink that nobody waits for then pauses, so that reports are acknowledged
// and shown on the map sooner.
const (
	loadFrom   = 3000 // updates a second
	loadWindow = 50 * time.Millisecond
)

// loadMeter measures how many updates come.
type loadMeter struct {
	since time.Time
	count int
	high  bool
}

// add counts updates that came now.
func (m *loadMeter) add(updates int, now time.Time) {
	if took := now.Sub(m.since); took >= loadWindow {
		m.high = took < 2*loadWindow && float64(m.count) >= loadFrom*took.Seconds()
		m.since, m.count = now, 0
	}
	m.count += updates
}

// underLoad tells whether many come still.
func (m *loadMeter) underLoad(now time.Time) bool {
	return m.high && now.Sub(m.since) < 2*loadWindow
}

// loadYield is how long a sink pauses under load: at most for a while, and not again before
// the load has ended. A flood that does not end is one that the sink has to follow.
type loadYield struct {
	most  time.Duration
	since time.Time
}

// yields tells whether the sink pauses now.
func (y *loadYield) yields(underLoad bool, now time.Time) bool {
	switch {
	case !underLoad:
		y.since = time.Time{}
	case y.since.IsZero():
		y.since = now
	}
	return underLoad && now.Sub(y.since) < y.most
}
