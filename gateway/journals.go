package gateway

import (
	"context"

	"htgateway/gateway/datadir"
	"htgateway/gateway/journal/jetstream"
)

// openJournal opens the journal that the configuration names.
func (g *Gateway) openJournal(ctx context.Context) (err error) {
	g.shared.acting = make(chan struct{})
	if g.journal, err = datadir.OpenJournal(ctx, g.c, g.o.Now, g.o.Log); err != nil {
		return err
	}
	if log, is := g.journal.(*jetstream.Journal); is {
		g.shared.log = log
		g.shared.read, err = log.Last(ctx)
	}
	return err
}
