package gateway

import (
	"context"
	"fmt"

	"htgateway/gateway/incident"
	"htgateway/gateway/ops/retention"
	"htgateway/gateway/ops/retention/erasure"
)

// byRetention is who erases callers that are past their time, as the journal names it.
const byRetention = "retention"

// eraser takes out of the gateway's files what must be forgotten.
func (g *Gateway) eraser() *erasure.Eraser {
	return &erasure.Eraser{Journal: g.journal, Updates: g.updates, State: g.fold, Units: g.units, Log: g.o.Log}
}

// retain forgets what need not be kept any longer.
func (g *Gateway) retain(ctx context.Context) error {
	series, can := g.store.(retention.Series)
	if !can {
		return fmt.Errorf("the series of kind %q cannot forget", g.c.Telemetry.Store)
	}
	r, eraser := g.c.Retention, g.eraser()
	return retention.New(retention.Parts{
		Settings: retention.Settings{Fixes: r.Fixes, Statuses: r.Statuses, Links: r.Links, ThinAfter: r.ThinAfter, ThinTo: r.ThinTo, Callers: r.Callers, JournalFixes: r.JournalFixes},
		Series:   series, Ready: g.fold.Ready, Find: g.fold.Find, Now: g.o.Now, Log: g.o.Log,
		Erase: func(ctx context.Context, id, reason string) error {
			_, err := g.desk.EraseCaller(ctx, incident.Actor{By: byRetention}, id, reason)
			return err
		},
		Finish: eraser.ForgetCaller, ForgetPlaces: eraser.ForgetPlaces,
	}).Run(ctx)
}

// followErasures keeps this machine's updates to what the area's leader forgets in the
// journal that they share.
func (g *Gateway) followErasures(ctx context.Context) error {
	if g.cluster.Alone() || g.c.Retention.JournalFixes == 0 {
		return nil
	}
	return g.eraser().FollowJournal(ctx, retention.Daily)
}
