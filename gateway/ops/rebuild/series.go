package rebuild

import (
	"context"
	"errors"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

// openedSeries are the store that is written again, and what was in it.
type openedSeries struct {
	store telemetry.Store
	sum   string // of what was in it, empty when that cannot be read
	// old is the file as it was, nil where there is none to be read; oldFile is its path.
	old     telemetry.Store
	oldFile string
}

// openSeries sums up the series as it is and opens the store. A series in a file is made
// again in a new one; the old one is kept beside it until [openedSeries.close].
func openSeries(ctx context.Context, c config.Config) (*openedSeries, error) {
	s := &openedSeries{}
	if c.Telemetry.Store != config.StoreSQLite {
		var err error
		if s.store, err = datadir.OpenSeries(ctx, c); err != nil {
			return nil, err
		}
		s.sum = sumIfReadable(ctx, s.store)
		return s, nil
	}
	folder := datadir.Of(c)
	s.oldFile = folder.OldSeries()
	if err := errors.Join(moveDatabase(s.oldFile, ""), moveDatabase(folder.Series(), s.oldFile)); err != nil {
		return nil, err
	}
	if old, err := sqlite.OpenToRead(ctx, s.oldFile); err == nil { // else its sum says so
		s.old, s.sum = old, sumIfReadable(ctx, old)
	}
	var err error
	if s.store, err = datadir.OpenSeries(ctx, c); err != nil && s.old != nil {
		err = errors.Join(err, s.old.Close())
	}
	return s, err
}

// keepLinks copies how links stood, which is no fold of the journal, into the new file.
func (s *openedSeries) keepLinks(ctx context.Context) error {
	if s.old == nil {
		return nil
	}
	const batch = 1000
	var points []telemetry.Point
	for p, err := range s.old.Points(ctx, telemetry.Query{Measurement: telemetry.LinkHealth}) {
		if err != nil {
			return errors.Join(err, s.store.Write(ctx, points))
		}
		if points = append(points, p); len(points) == batch {
			if err := s.store.Write(ctx, points); err != nil {
				return err
			}
			points = points[:0]
		}
	}
	return s.store.Write(ctx, points)
}

// close closes the store and the old file, which is removed once it is done with.
func (s *openedSeries) close(done bool) error {
	err := s.store.Close()
	if s.old != nil {
		err = errors.Join(err, s.old.Close())
	}
	if done && s.oldFile != "" {
		err = errors.Join(err, moveDatabase(s.oldFile, ""))
	}
	return err
}
