package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// AuditEvery is how often, in real time, an audit looks whether everything received is
// accounted for.
const AuditEvery = time.Minute

// LedgerAudit holds each link to received = stored + duplicates + set aside + shed + what
// waits for the journal. It is safe for concurrent use.
type LedgerAudit struct {
	ledgers func() map[string]Ledger
	log     *slog.Logger

	mu      sync.Mutex
	missing map[string]int64 // frames that no line of a link's ledger has, by link
}

// NewLedgerAudit returns an audit of the ledgers that it is given at each check, by link.
func NewLedgerAudit(ledgers func() map[string]Ledger, log *slog.Logger) *LedgerAudit {
	return &LedgerAudit{ledgers: ledgers, log: log}
}

// Run checks the ledgers until ctx ends.
func (a *LedgerAudit) Run(ctx context.Context) error {
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
func (a *LedgerAudit) Check() {
	ledgers := a.ledgers()
	missing := map[string]int64{}
	for link, l := range ledgers {
		n := l.Missing()
		if n == 0 {
			continue
		}
		missing[link] = n
		a.log.Error("ledger does not balance", "link", link, "missing", n, "received", l.Received, "stored", l.Stored,
			"duplicates", l.Duplicates, "set_aside", l.SetAside, "shed", l.Shed, "pending", l.Pending)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.missing = missing
}

// Missing is how many frames of a link the newest check did not find accounted for; below
// zero more was accounted for than received.
func (a *LedgerAudit) Missing(link string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.missing[link]
}
