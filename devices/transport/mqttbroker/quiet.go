package mqttbroker

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// logEvery is the pause between two log lines about what strangers can cause at will.
const logEvery = 10 * time.Second

// logLimiter counts something that a stranger can cause at will, and logs it now and then.
type logLimiter struct {
	since atomic.Int64
	limit rate.Sometimes
}

func newLogLimiter() *logLimiter { return &logLimiter{limit: rate.Sometimes{Interval: logEvery}} }

// count counts one, and calls log when it is time to, with how many there were since it
// was called last.
func (l *logLimiter) count(log func(n int64)) {
	l.since.Add(1)
	l.limit.Do(func() { log(l.since.Swap(0)) })
}

// quiet is the broker engine's log without what any stranger's bytes can make it
// say: it warns of every connection that breaks, with the packet in it. What
// matters of that is counted and logged here.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(errorsOnly{log.Handler()}) }

type errorsOnly struct{ slog.Handler }

func (h errorsOnly) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelError && h.Handler.Enabled(ctx, l)
}

func (h errorsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return errorsOnly{h.Handler.WithAttrs(attrs)}
}

func (h errorsOnly) WithGroup(name string) slog.Handler { return errorsOnly{h.Handler.WithGroup(name)} }
