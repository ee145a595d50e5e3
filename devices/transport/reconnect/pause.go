package reconnect

import (
	"context"
	"time"
)

// Pause waits before the next try. When ctx ends first it returns ctx's error at once.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
