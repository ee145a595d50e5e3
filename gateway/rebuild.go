package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/memory"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry"
)

// Checksums name the content of the folds of a journal, whatever the order of rows.
// An empty one could not be read.
type Checksums struct{ Updates, Series string }

// Rebuild makes the updates and the series again from the journal, and returns the
// checksums of what was there and of what was made. The gateway must not run. How
// links stood, which no journal tells, stays as it is. Progress is told the step,
// how much of it is done and how much there is.
//
// An update log that is damaged is renamed to state.db.damaged. A series in
// InfluxDB is emptied of the gateway's measurements and written again.
func Rebuild(ctx context.Context, c Rebuilding, progress func(step string, done, total uint64)) (before, after Checksums, err error) {
	g := &Gateway{c: c.Config, o: c.Options}
	if g.journal, err = datadir.OpenJournal(ctx, c.Config, c.Options.Now, c.Options.Log); err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if before.Updates, err = g.openUpdatesToRebuild(ctx, datadir.Of(c.Config).Updates()); err != nil {
		return before, after, err
	}
	if err := g.openRoster(ctx); err != nil {
		return before, after, err
	}
	// From here on the cursor is 0: a gateway that starts after this was broken off
	// makes the series anew by itself.
	settings := g.trackerSettings()
	generation, err := fold.SettingsHash(settings)
	if err != nil {
		return before, after, err
	}
	if err := g.updates.Reset(ctx, generation); err != nil {
		return before, after, err
	}
	old, err := c.Old(ctx)
	if err == nil {
		before.Series, err = sumSeries(ctx, old)
		if err != nil {
			before.Series = "" // damaged: told by its absence
		}
	} else {
		old = nil
	}
	if g.store, err = datadir.OpenSeries(ctx, g.c); err != nil {
		return before, after, err
	}
	if old != nil {
		defer func() { err = errors.Join(err, old.Close()) }()
	}
	if err := g.refold(ctx, old, progress); err != nil {
		return before, after, err
	}
	if after.Updates, err = sumUpdates(ctx, g.updates); err != nil {
		return before, after, err
	}
	after.Series, err = sumSeries(ctx, g.store)
	return before, after, err
}

// openUpdatesToRebuild opens the update log and sums it up. One that is damaged is
// put aside, its sum empty, and a new one begun.
func (g *Gateway) openUpdatesToRebuild(ctx context.Context, path string) (string, error) {
	var err error
	was := ""
	if g.updates, err = updatelog.Open(ctx, path); err == nil {
		if was, err = sumUpdates(ctx, g.updates); err == nil {
			return was, nil
		}
		if ctx.Err() != nil {
			return "", err
		}
		// Open, and not to be read to its end.
		_ = g.updates.Close() // it is damaged; what it says to that is no news
	} else if !errors.Is(err, updatelog.ErrDamaged) {
		g.updates = nil
		return "", err
	}
	g.updates = nil
	aside, renameErr := setAside(path)
	if renameErr != nil {
		return "", errors.Join(err, renameErr)
	}
	g.o.Log.Warn("damaged updates put aside; they may hold callers who were forgotten since: remove them once they were looked at", "file", aside, "reason", err)
	g.updates, err = updatelog.Open(ctx, path)
	return "", err
}

// setAside renames a SQLite file, with what belongs to it, to a name that is free.
func setAside(path string) (string, error) {
	aside := path + ".damaged"
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.damaged.%d", path, n)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("cannot put %s aside: %w", path+end, err)
		}
	}
	return aside, nil
}

// Rebuilding is what is rebuilt.
type Rebuilding struct {
	Config  config.Config
	Options Options
	// Old opens the series as it was, to read.
	Old func(ctx context.Context) (telemetry.Store, error)
}

// refold folds the whole journal into an empty log, and the log into an empty store.
func (g *Gateway) refold(ctx context.Context, old telemetry.Store, progress func(string, uint64, uint64)) error {
	settings := g.trackerSettings()
	if err := g.store.Reset(ctx); err != nil {
		return err
	}
	if g.c.Telemetry.Store == config.StoreSQLite && old != nil {
		if err := keepLinks(ctx, old, g.store); err != nil {
			g.o.Log.Warn("how links stood could not be read to its end", "reason", err)
		}
	}
	defer memory.Batch()()
	life, end := context.WithCancel(ctx)
	defer end()
	group, groupCtx := errgroup.WithContext(life)
	f := fold.New(g.journal, g.updates, settings, g.o.Log)
	kept := datadir.Of(g.c).TrackerState()
	if err := fold.RemoveCheckpoint(kept); err != nil {
		return err
	}
	f.CheckpointIn(kept)
	group.Go(func() error { return f.Run(groupCtx) })
	series := series.New(series.Settings{Store: g.store, Updates: g.updates, Now: g.o.Now, Log: g.o.Log})
	group.Go(func() error { return series.Run(groupCtx) })
	group.Go(func() error {
		defer end()
		last, err := g.journal.Last(groupCtx)
		if err != nil {
			return err
		}
		const step = 1024
		for seq := uint64(0); seq < last; {
			seq = min(seq+step, last)
			if err := f.Wait(groupCtx, seq); err != nil {
				return err
			}
			progress("journal", seq, last)
		}
		return g.seriesDone(groupCtx, progress)
	})
	return group.Wait()
}

// seriesDone returns once every update is in the series.
func (g *Gateway) seriesDone(ctx context.Context, progress func(string, uint64, uint64)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for last := g.updates.Last(); ; {
		cursor, err := g.updates.Cursor(ctx, "series")
		if err != nil {
			return err
		}
		progress("series", cursor, last)
		if cursor >= last {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("series is at update %d of %d: %w", cursor, last, ctx.Err())
		}
	}
}

// keepLinks copies how links stood, which is no fold of the journal.
func keepLinks(ctx context.Context, from, to telemetry.Store) error {
	const batch = 1000
	var points []telemetry.Point
	for p, err := range from.Points(ctx, telemetry.Query{Measurement: telemetry.LinkHealth}) {
		if err != nil {
			return errors.Join(err, to.Write(ctx, points))
		}
		if points = append(points, p); len(points) == batch {
			if err := to.Write(ctx, points); err != nil {
				return err
			}
			points = points[:0]
		}
	}
	return to.Write(ctx, points)
}

// sum adds up the digests of rows, so that their order does not matter.
type sum [4]uint64

func (s *sum) add(row []byte) {
	d := sha256.Sum256(row)
	for i := range s {
		s[i] += binary.BigEndian.Uint64(d[8*i:])
	}
}

func (s *sum) String() string {
	var b []byte
	for _, n := range s {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return hex.EncodeToString(b[:16])
}

func sumUpdates(ctx context.Context, l *updatelog.Log) (string, error) {
	var s sum
	for after := uint64(0); ; {
		updates, err := l.Read(ctx, after, 1000)
		if err != nil {
			return "", err
		}
		if len(updates) == 0 {
			return s.String(), nil
		}
		for _, u := range updates {
			row, err := json.Marshal(u)
			if err != nil {
				return "", fmt.Errorf("cannot encode update %d: %w", u.Seq, err)
			}
			s.add(row)
			after = u.Seq
		}
	}
}

func sumSeries(ctx context.Context, store telemetry.Store) (string, error) {
	var s sum
	for _, m := range telemetry.Measurements() {
		if m == telemetry.LinkHealth {
			continue // no fold of the journal
		}
		for p, err := range store.Points(ctx, telemetry.Query{Measurement: m, Superseded: true}) {
			if err != nil {
				return "", err
			}
			slices.SortFunc(p.Fields, func(a, b telemetry.Field) int { return strings.Compare(a.Key, b.Key) })
			s.add(fmt.Appendf(nil, "%s\x00%q", p.Identity(), fmt.Sprint(p.Fields)))
		}
	}
	return s.String(), nil
}
