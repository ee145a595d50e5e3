package mqttbroker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// complaint is something that a stranger can cause at will, and that is therefore
// told at most once in a while.
type complaint struct {
	mu    sync.Mutex
	told  time.Time
	count int
}

// tellEvery is the pause between two log lines about the same complaint.
const tellEvery = 10 * time.Second

// another counts one and tells whether it is time to say so, and how many there
// were since it was last said.
func (c *complaint) another(now time.Time) (n int, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	if now.Sub(c.told).Abs() < tellEvery {
		return 0, false
	}
	n, c.told, c.count = c.count, now, 0
	return n, true
}

// quiet is the broker engine's log without what any stranger's bytes can make it
// say: it warns of every connection that breaks, with the packet in it. What
// matters of that is counted and told here.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(errorsOnly{log.Handler()}) }

type errorsOnly struct{ slog.Handler }

func (h errorsOnly) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelError && h.Handler.Enabled(ctx, l)
}

func (h errorsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return errorsOnly{h.Handler.WithAttrs(attrs)}
}

func (h errorsOnly) WithGroup(name string) slog.Handler { return errorsOnly{h.Handler.WithGroup(name)} }
