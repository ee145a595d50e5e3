package gateway

import (
	"context"
	"path/filepath"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// Journal is the journal as the gateway uses it, on this machine or shared with
// others.
type Journal interface {
	journal.Journal
	// Find returns the entry with an id; false when there is none.
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
	// Rewrite gives entries other bodies and leaves no trace of the old ones.
	Rewrite(ctx context.Context, entries []journal.Entry) error
	Stats() journal.Stats
	// Rest drops from memory what was at hand for a busy gateway.
	Rest()
	// Trouble is why the newest write failed, or nil when it did not.
	Trouble() error
}

// openJournal opens the journal that the configuration names.
func (g *Gateway) openJournal(ctx context.Context) error {
	g.shared.acting = make(chan struct{})
	if g.c.Journal.URL != "" {
		return g.openShared(ctx)
	}
	j, err := sqlite.Open(ctx, filepath.Join(g.c.Data.Dir, "journal.db"), sqlite.Options{Now: g.o.Now, Log: g.o.Log, GoOn: true})
	if err != nil {
		return err
	}
	g.journal = j
	return nil
}
