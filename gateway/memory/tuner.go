package memory

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"time"
)

// How much garbage may lie is measured by what is allocated, not by what lives: as much
// as comes in garbageFor, so that the collector does not run more often than that however
// busy the gateway is, and within bounds, so that a large roster costs its own size once.
const (
	garbageFor   = 4 * time.Second
	leastGarbage = 8 << 20
	mostGarbage  = 48 << 20
	mostPercent  = 400
)

// A gateway that allocates less than quietBytes in quietFor is idle (a few hundred reports
// a second are more): what was kept at hand for a busy one is given back, when it is
// worth it, and then not for a while.
const (
	quietFor   = 10 * time.Second
	quietBytes = 32 << 20
	worthBytes = 6 << 20
	againAfter = time.Minute
)

// Options of a tuner.
type Options struct {
	// CaughtUp tells whether the journal is folded; until then Go's own setting rules.
	CaughtUp func() bool
	// Drop drops what is kept at hand for a busy gateway, before memory is given back.
	Drop func(context.Context) error
	Log  *slog.Logger
}

// Tune has the collector work as hard as the gateway does, and gives memory back in quiet
// times, until ctx ends.
func Tune(ctx context.Context, o Options) error {
	obeyed := os.Getenv("GOGC") != ""
	every := time.NewTicker(time.Second)
	defer every.Stop()
	set, tuner := 0, gcTuner{before: readUsage()}
	for {
		var now time.Time
		select {
		case now = <-every.C:
		case <-ctx.Done():
			return nil
		}
		if !o.CaughtUp() {
			continue
		}
		percent, giveBack := tuner.next(readUsage(), now)
		if !obeyed && (percent < set*9/10 || percent > set*10/9) { // setting it stops the world
			if before := debug.SetGCPercent(percent); set == 0 {
				defer debug.SetGCPercent(before)
			}
			set = percent
		}
		if giveBack {
			if err := o.Drop(ctx); err != nil {
				o.Log.Warn("memory is not given back", "reason", err)
			}
			debug.FreeOSMemory()
		}
	}
}

// gcTuner decides by what the gateway uses, measured every second.
type gcTuner struct {
	before          usage
	perSecond       float64 // allocated, averaged over the last few seconds
	quietSince      time.Time
	allocatedBefore uint64 // when it was quiet first
	gaveBack        time.Time
}

// next returns by how many percent the heap may outgrow what lives, and whether it is
// time to give memory back.
func (t *gcTuner) next(u usage, now time.Time) (percent int, giveBack bool) {
	t.perSecond += (float64(u.allocated-t.before.allocated) - t.perSecond) / 4
	t.before = u
	garbage := min(max(t.perSecond*garbageFor.Seconds(), leastGarbage), mostGarbage)
	percent = int(min(max(100*garbage/float64(max(u.live, 1)), 10), mostPercent))
	if t.quietSince.IsZero() || u.allocated-t.allocatedBefore > quietBytes {
		t.quietSince, t.allocatedBefore = now, u.allocated
	}
	giveBack = now.Sub(t.quietSince) >= quietFor && now.Sub(t.gaveBack) >= againAfter && u.idle() >= worthBytes
	if giveBack {
		t.gaveBack, t.quietSince = now, time.Time{}
	}
	return percent, giveBack
}
