package status

import (
	"sync"
	"time"
)

// Current is how one part stands at present. It is safe for concurrent use.
type Current struct {
	mu     sync.Mutex
	status Status
	began  time.Time
}

// NewCurrent returns the status of a part that is up since now.
func NewCurrent(s Status, now time.Time) *Current {
	s.State, s.Since = Up, now.UTC()
	return &Current{status: s, began: s.Since}
}

// Status is a part's only line, for a part that hands on what its Current says.
func (c *Current) Status() []Status { return []Status{c.Read()} }

// Read returns the present status.
func (c *Current) Read() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Count changes the status's figures.
func (c *Current) Count(change func(*Status)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.status)
}

// Down says why the part does not get on, and tells whether it did until now. It is down
// since the first of several failures, and the newest one is why.
func (c *Current) Down(now time.Time, why string) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed = c.status.State != Down
	if changed {
		c.status.State, c.status.Since = Down, now.UTC()
	}
	c.status.Why = why
	return changed
}

// Up says that the part gets on, and tells whether it did not until now. It is up since
// it began: a failure that is over leaves no trace.
func (c *Current) Up() (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed = c.status.State == Down
	c.status.State, c.status.Since, c.status.Why = Up, c.began, ""
	return changed
}
