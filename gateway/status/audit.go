package status

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// AuditEvery is how often, in real time, an audit looks whether everything received is
// accounted for.
const AuditEvery = time.Minute

// Audit holds each link among some parts to received = stored + duplicates + set aside +
// shed + what waits for the journal, and is how all of the parts stand. It is safe for
// concurrent use.
type Audit struct {
	parts []Reporter
	log   *slog.Logger

	mu      sync.Mutex
	missing map[string]int64 // frames that no line of a link's ledger has, by link
}

// NewAudit returns an audit of the links among some parts.
func NewAudit(parts []Reporter, log *slog.Logger) *Audit {
	return &Audit{parts: parts, log: log}
}

// Run checks the ledgers until ctx ends.
func (a *Audit) Run(ctx context.Context) error {
	tick := time.NewTicker(AuditEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.Check()
		case <-ctx.Done():
			return nil
		}
	}
}

// Check looks at the ledgers once, and logs those that do not balance.
func (a *Audit) Check() {
	missing := map[string]int64{}
	for _, s := range Of(a.parts) {
		if s.Ledger == nil || s.Ledger.Balanced() {
			continue
		}
		l := s.Ledger
		missing[s.ID] = l.Missing()
		a.log.Error("ledger does not balance", "link", s.ID, "missing", l.Missing(), "received", l.Received, "stored", l.Stored,
			"duplicates", l.Duplicates, "set_aside", l.SetAside, "shed", l.Shed, "pending", l.Pending)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.missing = missing
}

// Missing is how many frames of a link the newest check did not find accounted for; below
// zero more was accounted for than received.
func (a *Audit) Missing(link string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.missing[link]
}

// NotReady is why the gateway is not ready, as the first of the parts says that is not; empty
// when all are.
func (a *Audit) NotReady() string {
	for _, s := range Of(a.parts) {
		if s.NotReady != "" {
			return s.NotReady
		}
	}
	return ""
}

// Status is how the parts stand that have a name, in order. A link of which nothing else is
// to be said says what its ledger misses.
func (a *Audit) Status() []Status {
	out := slices.DeleteFunc(Of(a.parts), func(s Status) bool { return s.ID == "" })
	for i := range out {
		if n := a.Missing(out[i].ID); n != 0 && out[i].Why == "" {
			out[i].Why = fmt.Sprintf("%d bingkai tidak tercatat nasibnya / frames are not accounted for", n)
		}
	}
	return out
}
