package gateway

import (
	"os"
	"runtime/debug"
)

// While a long journal is folded nearly everything that is made of it is thrown away at
// once: collecting at five times what lives instead of twice saves a quarter of the
// work, up to this much memory.
const (
	hurriedPercent = 400
	hurriedLimit   = 1 << 30
)

// hurry collects garbage less often until calm is called. Who set GOGC is obeyed.
func hurry() (calm func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(hurriedPercent), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, hurriedLimit))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
