package sink

import (
	"context"
	"log/slog"
	"time"

	"htgateway/gateway/status"
)

// Sink carries what changes to another system.
type Sink interface {
	status.Reporter
	// Run carries until ctx ends, from the sink's place in the log on. It returns nil
	// then, and before only what it cannot help itself.
	Run(ctx context.Context) error
}

// pause is how long a sink that failed waits, in real time.
const pause = time.Second

// Run runs a sink until ctx ends. One that fails, as all do whose place the disk does not
// take, begins again at its place: what others receive is no reason to hear no radio.
func Run(ctx context.Context, s Sink, log *slog.Logger) {
	for {
		err := s.Run(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		log.Error("others wait", "reason", err)
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
		}
	}
}
