package rebuild

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry"
)

// Options of a rebuild.
type Options struct {
	// Progress is called with the step, how much of it is done and how much there is.
	Progress func(step string, done, total uint64)
	Now      func() time.Time
	Log      *slog.Logger
}

// Run makes the updates and the series again from the journal, and returns the
// checksums of what was there and of what was made. The gateway must not run. How
// links stood, which no journal tells, stays as it is.
//
// An update log that is damaged is renamed to state.db.damaged. A series in
// InfluxDB is emptied of the gateway's measurements and written again.
func Run(ctx context.Context, c config.Config, o Options) (before, after Checksums, err error) {
	journal, err := datadir.OpenJournal(ctx, c, o.Now, o.Log)
	if err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	updates, sum, err := openUpdates(ctx, datadir.Of(c), o.Log)
	if err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, updates.Close()) }()
	before.Updates = sum
	roster, err := enrolment.Load(ctx, journal, c.Units, o.Now)
	if err != nil {
		return before, after, err
	}
	if c.Plan, err = procedure.Plan(ctx, journal, c.Plan); err != nil {
		return before, after, err
	}
	settings := c.TrackerSettings()
	settings.Roster = roster.Initial()
	hash, err := fold.SettingsHash(settings)
	if err != nil {
		return before, after, err
	}
	// From here on the cursor is 0: a gateway that starts after this was broken off
	// makes the series anew by itself.
	if err := updates.Reset(ctx, hash); err != nil {
		return before, after, err
	}
	s, err := openSeries(ctx, c)
	if err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, s.close(err == nil)) }()
	before.Series = s.sum
	f := folds{journal: journal, updates: updates, store: s.store, settings: settings, area: c.ServiceArea(), checkpoint: datadir.Of(c).Checkpoint(), o: o}
	if err := s.store.Reset(ctx); err != nil {
		return before, after, err
	}
	if err := s.keepLinks(ctx); err != nil {
		o.Log.Warn("how links stood could not be read to its end", "reason", err)
	}
	if err := f.run(ctx); err != nil {
		return before, after, err
	}
	if after.Updates, err = sumUpdates(ctx, updates); err != nil {
		return before, after, err
	}
	after.Series, err = sumSeries(ctx, s.store)
	return before, after, err
}

// folds are a whole journal folded into an empty update log, and that into an empty
// store.
type folds struct {
	journal    datadir.OpenedJournal
	updates    *updatelog.Log
	store      telemetry.Store
	settings   incident.Settings
	area       string
	checkpoint string // the file of it
	// catchingUp goes on from the checkpoint and from the cursor of the series, which is of
	// this kind then.
	catchingUp bool
	kind       string
	o          Options
}

func (f folds) run(ctx context.Context) error {
	life, end := context.WithCancel(ctx)
	defer end()
	group, groupCtx := errgroup.WithContext(life)
	state := fold.New(f.journal, f.updates, f.settings, f.o.Log)
	if !f.catchingUp {
		if err := fold.RemoveCheckpoint(f.checkpoint); err != nil {
			return err
		}
	}
	state.CheckpointIn(f.checkpoint)
	group.Go(func() error { return state.Run(groupCtx) })
	points := series.New(series.Settings{Kind: f.kind, Store: f.store, Area: f.area, Updates: f.updates, Log: f.o.Log, Now: f.o.Now})
	group.Go(func() error { return points.Run(groupCtx) })
	group.Go(func() error {
		defer end()
		last, err := f.journal.Last(groupCtx)
		if err != nil {
			return err
		}
		const step = 1024
		for seq := uint64(0); seq < last; {
			seq = min(seq+step, last)
			if err := state.Wait(groupCtx, seq); err != nil {
				return err
			}
			f.o.Progress("journal", seq, last)
		}
		return f.updates.Await(groupCtx, series.Cursor, func(cursor, last uint64) { f.o.Progress(series.Cursor, cursor, last) })
	})
	return group.Wait()
}
