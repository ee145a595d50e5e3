package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/ops/erasure"
	"htgateway/gateway/ops/retention"
)

// retainer is who erases callers that are past their time, as the journal names it.
const retainer = "retention"

// forget keeps to the retention settings, once everything that was journaled before
// the start is known.
func (g *Gateway) forget(ctx context.Context) error {
	if err := g.fold.Ready(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	series, can := g.store.(retention.Series)
	if !can {
		return fmt.Errorf("the series of kind %q cannot forget", g.c.Telemetry.Store)
	}
	r := g.c.Retention
	return retention.New(retention.Parts{
		Settings: retention.Settings{Fixes: r.Fixes, Statuses: r.Statuses, Links: r.Links, ThinAfter: r.ThinAfter, ThinTo: r.ThinTo, Callers: r.Callers, JournalFixes: r.JournalFixes},
		Series:   series, Find: g.fold.Find, Now: g.o.Now, Log: g.o.Log,
		Erase: func(ctx context.Context, id, reason string) error {
			_, err := g.desk.EraseCaller(ctx, incident.Actor{By: retainer}, id, reason)
			return err
		},
		Finish: func(ctx context.Context, id string) error {
			return g.forgetCaller(ctx, id)
		},
		ForgetPlaces: g.forgetPlaces,
	}).Run(ctx)
}

// forgetAlong keeps the updates of this machine to what the area's active gateway forgets
// in the journal that they share.
func (g *Gateway) forgetAlong(ctx context.Context) error {
	if g.cluster.Alone() || g.c.Retention.JournalFixes == 0 {
		return nil
	}
	again := time.NewTicker(retention.Daily)
	defer again.Stop()
	for {
		err := g.fold.Ready(ctx)
		var n int
		if err == nil {
			n, err = erasure.Along(ctx, g.journal, g.updates)
		}
		if n > 0 {
			g.fold.Forget()
			g.o.Log.Info("places forgotten along with the area's journal", "fixes", n)
		}
		if err != nil && ctx.Err() == nil {
			g.o.Log.Error("this gateway still has places that its area's journal forgot", "reason", err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// forgetPlaces forgets where units were that no incident needs. The kept state may say
// where, so it goes when anything was forgotten, and a later one is made of the journal.
func (g *Gateway) forgetPlaces(ctx context.Context, before time.Time) (int, error) {
	n, err := erasure.Fixes(ctx, g.journal, g.updates, g.units(), before)
	if n > 0 {
		g.fold.Forget()
	}
	return n, err
}

// forgetCaller takes the caller of an incident out of everything that is stored. The
// kept state goes first, and again in case that one was made meanwhile.
func (g *Gateway) forgetCaller(ctx context.Context, id string) error {
	g.fold.Forget()
	err := erasure.Caller(ctx, g.journal, g.updates, id, g.fold.Acts(id))
	g.fold.Forget()
	return err
}
