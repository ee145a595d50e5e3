package gateway

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
	hurriedPercent = 400
	hurriedLimit   = 1 << 30
)

// hurriedLive is how much may live, in bytes, for a hurry to be worth it: nearer to the
// limit the collector would do nothing but collect. A county's year of a hundred
// thousand incidents is more.
const hurriedLive = hurriedLimit / 3

// hurry collects garbage less often until calm is called, or until too much lives for
// that. Who set GOGC is obeyed.
func hurry() (calm func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(hurriedPercent), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, hurriedLimit))
	over := make(chan struct{})
	calm = sync.OnceFunc(func() {
		close(over)
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	go func() {
		look := time.NewTicker(100 * time.Millisecond)
		defer look.Stop()
		for {
			select {
			case <-look.C:
			case <-over:
				return
			}
			if readUsage().live > hurriedLive {
				calm()
				return
			}
		}
	}()
	return calm
}
