package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/cluster"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/alarm"
	"htgateway/gateway/journal"
	"htgateway/gateway/memory"
	"htgateway/gateway/ops/retention"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/outbound/sink"
	"htgateway/gateway/state/fold"
)

// drainWithin is how long a gateway takes at most to finish what it has taken.
const drainWithin = 4 * time.Second

// run starts everything and stops it in reverse: inputs first, so that what was
// taken is still folded and stored.
func (g *Gateway) run(ctx context.Context) error {
	core, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCore()
	sinks, sinkCtx := errgroup.WithContext(core)
	sinks.Go(func() error { return g.follow(sinkCtx) })
	sinks.Go(func() error { return g.cluster.WhenLeading(sinkCtx, g.downlink.Run) })
	sinks.Go(func() error {
		return g.cluster.WhenLeading(sinkCtx, func(ctx context.Context) error { return g.cluster.ShareCursors(ctx, g.updates) })
	})
	sinks.Go(func() error { return g.intake.Run(sinkCtx) })
	sinks.Go(func() error { return g.probe.Run(sinkCtx) })
	sinks.Go(func() error { return g.parts.Run(sinkCtx) })
	sinks.Go(func() error { return g.cluster.WhenLeading(sinkCtx, g.retain) })
	sinks.Go(func() error { return g.followErasures(sinkCtx) })
	sinks.Go(func() error {
		return memory.Tune(sinkCtx, memory.Options{CaughtUp: g.fold.CaughtUp, Drop: g.dropCaches, Log: g.o.Log})
	})
	if g.centre != nil {
		sinks.Go(func() error { return g.centre.Run(sinkCtx) })
	}
	sinks.Go(func() error {
		return g.cluster.WhenLeading(sinkCtx, func(ctx context.Context) error {
			series.SampleLinks(ctx, g.store, g.c.ServiceArea(), g.parts, g.o.Now, g.o.Log)
			return nil
		})
	})

	inputs, inputCtx := errgroup.WithContext(ctx)
	inputs.Go(func() error { // a failing sink ends the inputs too
		select {
		case <-sinkCtx.Done():
			return context.Cause(sinkCtx)
		case <-inputCtx.Done():
			return nil
		}
	})
	if err := g.serve(inputs, inputCtx); err != nil {
		stopCore()
		return errors.Join(err, sinks.Wait())
	}
	inputs.Go(func() error {
		lost, err := g.cluster.TakeOver(inputCtx, cluster.Parts{State: g.fold, Roster: g.roster, Intake: g.intake, Cursors: g.updates})
		if err != nil {
			if inputCtx.Err() != nil {
				return nil // ended before it was this one's turn
			}
			return err
		}
		if err := g.roster.Declare(inputCtx); err != nil {
			return err
		}
		if !g.c.AtEdge() && !g.cluster.Alone() {
			_, changed, err := g.keepProcedure(inputCtx)
			if err != nil {
				return err
			}
			if changed {
				return fmt.Errorf("%w: another procedure", cluster.ErrRestart)
			}
		}
		if err := g.roster.Declare(inputCtx); err != nil {
			return err
		}
		for _, l := range g.links {
			inputs.Go(func() error { return l.Run(inputCtx) })
		}
		if g.broker != nil {
			inputs.Go(func() error { return g.accounts.Follow(inputCtx, g.o.Users, g.o.Log) })
		}
		select {
		case <-lost:
			return fmt.Errorf("%w: another gateway took over", cluster.ErrRestart)
		case <-inputCtx.Done():
			return nil
		}
	})
	err := inputs.Wait()
	drain, cancel := context.WithTimeout(core, drainWithin)
	defer cancel()
	if drainErr := g.drain(drain); drainErr != nil {
		g.o.Log.Warn("not everything was drained; it is in the journal", "reason", drainErr)
	}
	stopCore()
	return errors.Join(err, sinks.Wait())
}

// drain waits until everything journaled has been folded and stored.
func (g *Gateway) drain(ctx context.Context) error {
	if err := g.fold.Ready(ctx); err != nil {
		return err
	}
	return g.series.Drain(ctx)
}

// dropCaches drops what journal and updates have at hand for a busy gateway.
func (g *Gateway) dropCaches(ctx context.Context) error {
	g.journal.Rest()
	return g.updates.Rest(ctx)
}

// follow runs the tracker and what follows it, until ctx ends, and once more whenever the
// journal turns out to have lost what was folded.
func (g *Gateway) follow(ctx context.Context) error {
	for again := false; ; again = true {
		if again {
			if err := g.fold.BeginAgain(ctx); err != nil {
				return fmt.Errorf("cannot count anew: %w", err)
			}
		}
		if err := g.followUpdates(ctx, again); ctx.Err() != nil || !errors.Is(err, fold.ErrBeginAgain) {
			return err
		}
	}
}

// followUpdates runs the tracker and its sinks. Those that tell people begin, when they begin
// again, once what they sent before is folded.
func (g *Gateway) followUpdates(ctx context.Context, again bool) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.fold.Run(ctx) })
	group.Go(func() error { return g.series.Run(ctx) })
	group.Go(func() error {
		return g.cluster.WhenLeading(ctx, func(ctx context.Context) error { return g.newAlarms().Run(ctx) })
	})
	group.Go(func() error {
		if again && g.fold.Ready(ctx) != nil {
			return nil // ended first
		}
		return g.api.Run(ctx)
	})
	for _, s := range g.sinks {
		group.Go(func() error {
			if g.fold.Ready(ctx) != nil { // what is old is then known as such
				return nil // ended first
			}
			return g.cluster.WhenLeading(ctx, func(ctx context.Context) error {
				sink.Run(ctx, s, g.o.Log)
				return nil
			})
		})
	}
	return group.Wait()
}

// newAlarms makes the engine that watches the procedure's clocks.
func (g *Gateway) newAlarms() *alarm.Engine {
	return alarm.New(g.journal, g.fold, g.updates, alarm.Options{
		Plan: g.c.Plan, Units: g.units, Now: g.o.Now, Speed: g.o.Speed,
		Radio: g.c.Alarms.Radio, RadioText: g.c.Alarms.RadioText,
		Send: func(ctx context.Context, unit, key, text string) error {
			_, err := g.desk.Send(ctx, incident.Actor{By: journal.BySOP, Key: key}, unit, desk.Message{Text: text})
			return err
		},
		Log: g.o.Log,
	})
}

// byRetention is who erases callers that are past their time, as the journal names it.
const byRetention = "retention"

// retain forgets what need not be kept any longer.
func (g *Gateway) retain(ctx context.Context) error {
	series, can := g.store.(retention.Series)
	if !can {
		return fmt.Errorf("the series of kind %q cannot forget", g.c.Telemetry.Store)
	}
	r := g.c.Retention
	return retention.New(retention.Parts{
		Settings: retention.Settings{Fixes: r.Fixes, Statuses: r.Statuses, Links: r.Links, ThinAfter: r.ThinAfter, ThinTo: r.ThinTo, Callers: r.Callers, JournalFixes: r.JournalFixes},
		Series:   series, Ready: g.fold.Ready, Find: g.fold.Find, Now: g.o.Now, Log: g.o.Log,
		Erase: func(ctx context.Context, ids []string, reason string) error {
			return g.desk.EraseCallers(ctx, incident.Actor{By: byRetention}, ids, reason)
		},
		Finish: g.eraser.Finish, ForgetPlaces: g.eraser.ForgetPlaces,
	}).Run(ctx)
}

// followErasures keeps this machine's updates to what the area's leader forgets in the
// journal that they share.
func (g *Gateway) followErasures(ctx context.Context) error {
	if g.cluster.Alone() || g.c.Retention.JournalFixes == 0 {
		return nil
	}
	return g.eraser.FollowJournal(ctx, retention.Daily)
}
