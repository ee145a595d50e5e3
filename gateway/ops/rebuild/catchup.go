package rebuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
)

// AsOf is until when a data folder answers: zero, which stands for now, while a gateway
// runs on it, for a journal that others of a cluster write, and where there is none; else
// the newest time of the journal.
func AsOf(ctx context.Context, c config.Config) (time.Time, error) {
	idle, err := idle(c)
	if err != nil || !idle {
		return time.Time{}, err
	}
	j, err := datadir.Of(c).ReadJournal(ctx)
	if err != nil {
		return time.Time{}, err
	}
	newest, err := j.Newest(ctx)
	return newest, errors.Join(err, j.Close())
}

// idle tells whether there is a journal on this machine that no gateway writes.
func idle(c config.Config) (bool, error) {
	if c.Journal.URL != "" {
		return false, nil
	}
	path := datadir.Of(c).Journal()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("cannot look for a journal: %w", err)
	}
	used, err := sqlite.InUse(path)
	return !used && err == nil, err
}

// caughtUpNote names, among the journal's snapshots, how far [CatchUp] came, and under
// which settings.
const caughtUpNote = "catch-up"

// CatchUp makes the updates and the series of a data folder that are not made yet, as a
// gateway does that begins: of a journal that was imported, or of the last entries of one
// that was killed. While a gateway runs, which does so itself, and without a journal on
// this machine it does nothing.
func CatchUp(ctx context.Context, c config.Config, o Options) (err error) {
	idle, err := idle(c)
	if err != nil || !idle {
		return err
	}
	if c, err = datadir.InTime(ctx, c); err != nil {
		return err
	}
	configured, err := fold.SettingsHash(c.TrackerSettings())
	if err != nil {
		return err
	}
	if done, err := caughtUp(ctx, c, configured); done || err != nil {
		return err
	}
	journal, err := datadir.OpenJournal(ctx, c, o.Now, o.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	roster, err := enrolment.Load(ctx, journal, c.Units, o.Now)
	if err != nil {
		return err
	}
	updates, err := datadir.Of(c).OpenUpdates(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, updates.Close()) }()
	settings := c.TrackerSettings()
	settings.Roster = roster.Initial()
	if err := fold.Prepare(ctx, updates, settings); err != nil {
		return err
	}
	store, err := datadir.OpenSeries(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	f := folds{
		journal: journal, updates: updates, store: store, settings: settings, checkpoint: datadir.Of(c).Checkpoint(), o: o,
		catchingUp: true, kind: c.Telemetry.Store, area: c.ServiceArea(),
	}
	if err := f.run(ctx); err != nil {
		return err
	}
	last, err := journal.Last(ctx)
	if err != nil {
		return err
	}
	return journal.SaveSnapshot(ctx, caughtUpNote, last, []byte(configured))
}

// caughtUp tells, without opening anything to write, whether all of the journal is in
// updates and series under the settings as they are.
func caughtUp(ctx context.Context, c config.Config, configured string) (bool, error) {
	j, err := datadir.Of(c).ReadJournal(ctx)
	if err != nil {
		return false, err
	}
	defer j.Close()
	last, err := j.Last(ctx)
	if err != nil {
		return false, err
	}
	done, under, err := j.Snapshot(ctx, caughtUpNote)
	if err != nil || done < last || string(under) != configured {
		return false, err
	}
	made := []string{datadir.Of(c).Updates()}
	if c.Telemetry.Store == config.StoreSQLite {
		made = append(made, datadir.Of(c).Series())
	}
	for _, path := range made {
		if _, err := os.Stat(path); err != nil {
			return false, nil //nolint:nilerr // what cannot be seen is made, and says then what is wrong
		}
	}
	return true, nil
}
