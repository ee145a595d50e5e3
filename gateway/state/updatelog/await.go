package updatelog

import (
	"context"
	"fmt"
	"time"
)

// awaitEvery is how often [Log.Await] looks at a cursor.
const awaitEvery = 20 * time.Millisecond

// Await returns once a sink is done with every update that the log has at the call.
// Progress, when not nil, is called with how far it is each time that it is looked at.
func (l *Log) Await(ctx context.Context, sink string, progress func(cursor, last uint64)) error {
	tick := time.NewTicker(awaitEvery)
	defer tick.Stop()
	for last := l.Last(); ; {
		cursor, err := l.Cursor(ctx, sink)
		if err != nil {
			return err
		}
		if progress != nil {
			progress(cursor, last)
		}
		if cursor >= last {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s is at update %d of %d: %w", sink, cursor, last, ctx.Err())
		}
	}
}
