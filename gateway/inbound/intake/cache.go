package intake

import (
	"time"

	"htgateway/gateway/journal"
)

// twoGenerationCache finds first hearings by an id: all of the last while, or the newest
// of them when there were too many. The older generation is dropped whole, with the map
// that holds it, so that nothing is searched for what to drop.
type twoGenerationCache struct {
	during time.Duration
	most   int // in one generation; the two hold at least so many of the newest
	since  time.Time
	young  map[journal.ID16]*firstHearing
	old    map[journal.ID16]*firstHearing
}

func newTwoGenerationCache(during time.Duration, most int) twoGenerationCache {
	return twoGenerationCache{during: during, most: most, young: make(map[journal.ID16]*firstHearing)}
}

func (c *twoGenerationCache) get(id journal.ID16) *firstHearing {
	if h := c.young[id]; h != nil {
		return h
	}
	return c.old[id]
}

func (c *twoGenerationCache) put(id journal.ID16, h *firstHearing, now time.Time) {
	if c.since.IsZero() {
		c.since = now
	}
	if len(c.young) >= c.most || now.Sub(c.since).Abs() > c.during {
		c.old, c.young, c.since = c.young, make(map[journal.ID16]*firstHearing), now
	}
	c.young[id] = h
}

// all yields ids with their hearings, the older generation first.
func (c *twoGenerationCache) all(yield func(journal.ID16, *firstHearing) bool) {
	for _, generation := range []map[journal.ID16]*firstHearing{c.old, c.young} {
		for id, h := range generation {
			if !yield(id, h) {
				return
			}
		}
	}
}

func (c *twoGenerationCache) len() int { return len(c.young) + len(c.old) }
