package intake

import "time"

// lately remembers first hearings by a mark: all of the last while, unless there were
// too many, and then the newest of them. What is older goes many at once, with the map
// that holds it, so that nothing is ever looked for to be forgotten.
type lately struct {
	during time.Duration
	most   int // in one map; the two hold at least so many of the newest
	since  time.Time
	young  map[mark]*heard
	old    map[mark]*heard
}

// mark tells reports apart: see [journal.Mark].
type mark = [16]byte

func newLately(during time.Duration, most int) lately {
	return lately{during: during, most: most, young: make(map[mark]*heard)}
}

func (l *lately) find(m mark) *heard {
	if h := l.young[m]; h != nil {
		return h
	}
	return l.old[m]
}

func (l *lately) keep(m mark, h *heard, now time.Time) {
	if l.since.IsZero() {
		l.since = now
	}
	if len(l.young) >= l.most || now.Sub(l.since).Abs() > l.during {
		l.old, l.young, l.since = l.young, make(map[mark]*heard), now
	}
	l.young[m] = h
}
