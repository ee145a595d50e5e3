package memory

import (
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// While a long journal is folded nearly everything that is made of it is thrown away at
// once: collecting at five times what lives instead of twice saves a quarter of the
// work, up to this much memory.
const (
	batchPercent = 400
	batchLimit   = 1 << 30
)

// batchLive is how much may live, in bytes, for batch mode to be worth it: nearer to the
// limit the collector would do nothing but collect. A county's year of a hundred
// thousand incidents is more.
const batchLive = batchLimit / 3

// Batch has the collector work less often until end is called, or until too much lives
// for that. Where GOGC is set it does nothing.
func Batch() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(batchPercent), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, batchLimit))
	over := make(chan struct{})
	end = sync.OnceFunc(func() {
		close(over)
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	go func() {
		check := time.NewTicker(100 * time.Millisecond)
		defer check.Stop()
		for {
			select {
			case <-check.C:
			case <-over:
				return
			}
			if readUsage().live > batchLive {
				end()
				return
			}
		}
	}()
	return end
}
