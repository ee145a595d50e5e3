package gateway

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What the collector lets lie is measured by what is made, not by what lives: as much as
// comes in garbageFor, so that it does not collect more often than that however busy
// the gateway is, and within bounds, so that a large roster costs its own size once.
const (
	garbageFor   = 4 * time.Second
	leastGarbage = 8 << 20
	mostGarbage  = 48 << 20
)

// A gateway that makes less than quietBytes in quietFor is at rest (a few hundred reports
// a second are more): what was kept at hand for a busy one is given back, when it is
// worth it, and then not for a while.
const (
	quietFor   = 10 * time.Second
	quietBytes = 32 << 20
	worthBytes = 6 << 20
	restAgain  = time.Minute
)

// usage is how much memory the Go runtime has, in bytes.
type usage struct {
	live    uint64 // found alive at the last collection
	objects uint64 // alive, or not yet collected
	free    uint64 // could be given back to the system
	made    uint64 // since the process began
}

func readUsage() usage {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(s)
	return usage{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64()}
}

// idle is what could be given back: free memory, and what the collector would free.
func (u usage) idle() uint64 { return u.free + u.objects - min(u.live, u.objects) }

// thrift judges by what the gateway uses, looked at every second.
type thrift struct {
	before        usage
	perSecond     float64 // made, over the last few looks
	quietSince    time.Time
	madeTillQuiet uint64
	rested        time.Time
}

// look returns by how many percent the heap may outgrow what lives, and whether it is
// time to give memory back.
func (t *thrift) look(u usage, now time.Time) (percent int, rest bool) {
	t.perSecond += (float64(u.made-t.before.made) - t.perSecond) / 4
	t.before = u
	garbage := min(max(t.perSecond*garbageFor.Seconds(), leastGarbage), mostGarbage)
	percent = int(min(max(100*garbage/float64(max(u.live, 1)), 10), hurriedPercent))
	if t.quietSince.IsZero() || u.made-t.madeTillQuiet > quietBytes {
		t.quietSince, t.madeTillQuiet = now, u.made
	}
	rest = now.Sub(t.quietSince) >= quietFor && now.Sub(t.rested) >= restAgain && u.idle() >= worthBytes
	if rest {
		t.rested, t.quietSince = now, time.Time{}
	}
	return percent, rest
}

// keepMemory has the collector work as hard as the gateway does, and gives memory back
// in quiet times. Who set GOGC is obeyed.
func (g *Gateway) keepMemory(ctx context.Context) error {
	obeyed := os.Getenv("GOGC") != ""
	every := time.NewTicker(time.Second)
	defer every.Stop()
	set, judge := 0, thrift{before: readUsage()}
	for {
		var now time.Time
		select {
		case now = <-every.C:
		case <-ctx.Done():
			return nil
		}
		if !g.caughtUp.Load() {
			continue // in a hurry
		}
		percent, rest := judge.look(readUsage(), now)
		if !obeyed && (percent < set*9/10 || percent > set*10/9) { // setting it stops the world
			if before := debug.SetGCPercent(percent); set == 0 {
				defer debug.SetGCPercent(before)
			}
			set = percent
		}
		if rest {
			g.giveBack(ctx)
		}
	}
}

// giveBack drops what is in the files as well, and has the system take what is free.
func (g *Gateway) giveBack(ctx context.Context) {
	g.journal.Rest()
	if err := g.updates.Rest(ctx); err != nil {
		g.o.Log.Warn("memory is not given back", "reason", err)
	}
	debug.FreeOSMemory()
}
