package simulation

import (
	"context"
	"time"
)

// Clock runs faster than real time by a constant factor.
type Clock struct {
	start   time.Time // simulated time at began
	began   time.Time // real time, with its monotonic reading
	speed   float64
	nowReal func() time.Time
}

// NewClock returns a clock that shows start now and runs speed times as fast as
// real time. Speed 1 is real time.
func NewClock(start time.Time, speed float64) *Clock {
	return &Clock{start: start.UTC(), began: time.Now(), speed: speed, nowReal: time.Now}
}

// Now is the simulated time, UTC.
func (c *Clock) Now() time.Time {
	real := c.nowReal().Sub(c.began)
	return c.start.Add(time.Duration(float64(real) * c.speed))
}

// Wait lasts d of simulated time, or until ctx ends.
func (c *Clock) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(time.Duration(float64(d) / c.speed))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
