package reconnect

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses between tries: the first, and the longest. One that was up for longer than
// that begins with the first pause again.
const (
	first = 500 * time.Millisecond
	most  = 30 * time.Second
)

// Keep runs sessions one after the other until ctx ends, with growing pauses that differ
// from line to line, so that a hundred lines do not all come back at once. lost is called with
// why a session ended, or did not begin.
func Keep(ctx context.Context, session func(context.Context) error, lost func(error)) {
	pause := first
	for ctx.Err() == nil {
		began := time.Now()
		err := session(ctx)
		if ctx.Err() != nil {
			return
		}
		lost(err)
		if time.Since(began) > most {
			pause = first
		}
		if Pause(ctx, pause/2+rand.N(pause)) != nil { // #nosec G404 -- jitter
			return
		}
		pause = min(2*pause, most)
	}
}
