package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/simulation"
	"htgateway/gateway/simulation/year"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

// fastYear is what --fast makes: a year of a county, as fast as the machine can. Its
// events go through the tracker, and the tracker's updates through the follower into
// the series; journal and update log, which would only be written to be read once,
// are left out.
type fastYear struct {
	incidents, fixes, units int
	begins                  string
	from                    time.Time // the same
	// journal has a journal written instead of a series; http is where a gateway on it is to
	// serve. Truth is a file for what really happens, none when empty.
	journal     bool
	http, truth string
}

func (f fastYear) run(ctx context.Context, dir string, seed uint64, stdout, stderr io.Writer, log *slog.Logger) (err error) {
	if f.from, err = time.ParseInLocation(time.DateOnly, f.begins, geo.WIB()); err != nil {
		return fmt.Errorf("cannot read --begins: %w", err)
	}
	truth, closeTruth, err := openTruth(f.truth)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTruth()) }()
	plan := sop.DefaultPlan()
	settings := year.Settings{Seed: seed, From: f.from, Incidents: f.incidents, Fixes: f.fixes, Units: f.units, Categories: plan.Categories,
		Happened: func(id, unit string, milestone incident.MilestoneName, at time.Time) {
			truth.Note(simulation.Happened{Incident: id, Unit: unit, Milestone: string(milestone), At: at})
		}}
	where, err := simulatedPlaces()
	if err != nil {
		return err
	}
	for _, p := range where {
		settings.Villages = append(settings.Villages, year.Village{District: p.District, Point: p.Point})
	}
	made, err := year.New(settings)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("cannot make the folder for the year: %w", err)
	}
	if f.journal {
		return f.writeJournal(ctx, datadir.Folder(dir), made, stdout, stderr, log)
	}
	file := datadir.Folder(dir).Series()
	store, err := sqlite.OpenNew(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	began := time.Now()
	bar := newProgress(stderr, "weeks", 52)
	folded := &foldedYear{year: made, plan: plan, progress: bar}
	// The follower runs until it is stopped; it is once it has everything.
	life, done := context.WithCancel(ctx)
	folded.stored = done
	err = telemetry.NewFollower(telemetry.FollowerOptions{
		Sink: "series", Updates: folded, Store: store, Log: log, Now: time.Now,
		SetAside: func(_ context.Context, r telemetry.Refused) error {
			return fmt.Errorf("the series refused a point of update %d: %s", r.Seq, r.Reason)
		},
	}).Run(life)
	bar.end()
	if err = errors.Join(err, ctx.Err(), folded.failed); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d incidents and %d fixes, %d updates of the tracker, in %s in %s\n\nhtgateway report --data %s --by category\n",
		f.incidents, f.fixes, folded.cursor, time.Since(began).Round(time.Second), file, dir)
	return nil
}

// foldedYear is the updates of a year, as the tracker makes them of its events. It
// can be followed once.
type foldedYear struct {
	year     *year.Year
	plan     sop.Plan
	progress *progress
	stored   func() // is called once everything is
	cursor   uint64
	last     uint64 // of the batch that is taken
	failed   error
	begun    bool
}

// updatesAtOnce is how many updates the follower takes at once.
const updatesAtOnce = 32_768

var errBegun = errors.New("a year can be followed once")

// Follow folds the year week by week beside the follower's writing.
func (f *foldedYear) Follow(ctx context.Context, _ uint64, take func([]incident.Update) error) error {
	if f.begun {
		f.failed = errors.Join(f.failed, errBegun)
		f.stored()
		return errBegun
	}
	f.begun = true
	defer f.stored()
	batches := make(chan []incident.Update, 2)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return f.fold(ctx, batches)
	})
	g.Go(func() error {
		for batch := range batches {
			if len(batch) > 0 {
				f.last = batch[len(batch)-1].Seq
			}
			if err := take(batch); err != nil {
				return err
			}
		}
		return nil
	})
	f.failed = g.Wait()
	return f.failed
}

func (f *foldedYear) fold(ctx context.Context, into chan<- []incident.Update) error {
	batch := make([]incident.Update, 0, updatesAtOnce)
	send := func() error {
		select {
		case into <- batch:
			batch = make([]incident.Update, 0, updatesAtOnce)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	seq := uint64(0)
	week := int64(0)
	for events := range f.year.Weeks() {
		tracker := tracker.New(incident.Settings{Plan: f.plan, Arrival: geo.DefaultArrivalRule(), Roster: f.year.Roster()})
		for _, e := range events {
			for _, u := range tracker.Apply(e) {
				seq++
				u.Seq = seq
				batch = append(batch, u)
			}
			// A batch ends where an event does.
			if len(batch) >= updatesAtOnce {
				if err := send(); err != nil {
					return err
				}
			}
		}
		week++
		f.progress.to(week)
	}
	return send()
}

// Last is the newest update that the follower was given.
func (f *foldedYear) Last() uint64 { return f.last }

// SettingsHash is of no settings that could change.
func (f *foldedYear) SettingsHash() string { return "" }

// Cursor and SetCursor keep the place for as long as the command runs.
func (f *foldedYear) Cursor(context.Context, string) (uint64, error) { return f.cursor, nil }

func (f *foldedYear) SetCursor(_ context.Context, _ string, seq uint64) error {
	f.cursor = seq
	return nil
}
