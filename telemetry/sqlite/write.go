package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"htgateway/telemetry"
)

const (
	// rowsAtOnce is how many points one statement stores.
	rowsAtOnce = 64
	// mostKnown bounds the memory for series that were written lately.
	mostKnown = 100_000
)

const (
	upsertHead = "INSERT INTO points (measurement, time, series, superseded, fields) VALUES "
	upsertRow  = "(?,?,?,?,?)"
	upsertTail = " ON CONFLICT (measurement, time, series) DO UPDATE SET superseded = excluded.superseded, fields = excluded.fields"
)

// Write stores points in one transaction. Points with the same identity replace
// one another in their order.
func (s *Store) Write(ctx context.Context, points []telemetry.Point) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := &telemetry.RefusedError{}
	rows := make([]row, 0, len(points))
	for _, p := range points {
		if err := p.Check(); err != nil {
			refused.Points = append(refused.Points, p)
			refused.Reasons = append(refused.Reasons, err.Error())
			continue
		}
		rows = append(rows, row{point: p})
	}
	if len(rows) > 0 {
		if err := s.store(ctx, rows); err != nil {
			return err
		}
	}
	if len(refused.Points) > 0 {
		return refused
	}
	return nil
}

// row is one point on its way into the table.
type row struct {
	point telemetry.Point
	key   seriesKey
}

func (s *Store) store(ctx context.Context, rows []row) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return unavailable("cannot begin", err)
	}
	defer tx.Rollback()
	f := filing{tx: tx, fresh: map[string]seriesKey{}}
	defer f.close()
	for i := range rows {
		if rows[i].key, err = s.file(ctx, &f, rows[i].point); err != nil {
			return err
		}
	}
	if err := upsert(ctx, tx, rows); err != nil {
		return err
	}
	if err := refreshCases(ctx, tx, rows); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return unavailable("cannot commit", err)
	}
	// Only now: a series that was rolled back is not known.
	if len(s.known)+len(f.fresh) > mostKnown {
		clear(s.known)
	}
	maps.Copy(s.known, f.fresh)
	return nil
}

// upsert stores rows, many with each statement. Two rows of one identity in one
// statement follow each other as they would in two.
func upsert(ctx context.Context, tx *sql.Tx, rows []row) error {
	var full *sql.Stmt
	args := make([]any, 0, rowsAtOnce*5)
	for len(rows) > 0 {
		n := min(rowsAtOnce, len(rows))
		args = args[:0]
		for _, r := range rows[:n] {
			args = append(args, r.key.measurement, r.point.Time.UnixNano(), r.key.series, r.point.Superseded(), encode(r.point.Fields))
		}
		var err error
		switch {
		case n < rowsAtOnce:
			_, err = tx.ExecContext(ctx, statement(n), args...)
		default:
			if full == nil {
				if full, err = tx.PrepareContext(ctx, statement(n)); err != nil {
					return unavailable("cannot prepare", err)
				}
				defer full.Close()
			}
			_, err = full.ExecContext(ctx, args...)
		}
		if err != nil {
			return unavailable("cannot store points", err)
		}
		rows = rows[n:]
	}
	return nil
}

func statement(rows int) string {
	return upsertHead + strings.TrimSuffix(strings.Repeat(upsertRow+",", rows), ",") + upsertTail
}

// filing finds and makes series in one transaction.
type filing struct {
	tx    *sql.Tx
	fresh map[string]seriesKey // those that it has found or made
	// The statements, each prepared when it is needed first.
	measurement, addMeasurement, series, addSeries, addTag *sql.Stmt
}

func (f *filing) close() {
	for _, s := range []*sql.Stmt{f.measurement, f.addMeasurement, f.series, f.addSeries, f.addTag} {
		if s != nil {
			_ = s.Close() // the transaction's end closes it too
		}
	}
}

// prepared returns a statement, prepared the first time.
func (f *filing) prepared(ctx context.Context, at **sql.Stmt, text string) (*sql.Stmt, error) {
	if *at == nil {
		var err error
		if *at, err = f.tx.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return *at, nil
}

// findOrAdd returns the id of a row of a table that has one.
func (f *filing) findOrAdd(ctx context.Context, find, add **sql.Stmt, findText, addText string, values ...any) (id int64, added bool, err error) {
	s, err := f.prepared(ctx, find, findText)
	if err != nil {
		return 0, false, err
	}
	if err = s.QueryRowContext(ctx, values...).Scan(&id); !errors.Is(err, sql.ErrNoRows) {
		return id, false, err
	}
	if s, err = f.prepared(ctx, add, addText); err != nil {
		return 0, false, err
	}
	done, err := s.ExecContext(ctx, values...)
	if err != nil {
		return 0, false, err
	}
	id, err = done.LastInsertId()
	return id, true, err
}

// file finds or makes the series of a point.
func (s *Store) file(ctx context.Context, f *filing, p telemetry.Point) (seriesKey, error) {
	name := p.Series()
	for _, known := range []map[string]seriesKey{s.known, f.fresh} {
		if key, ok := known[name]; ok {
			return key, nil
		}
	}
	tags, err := encodeTags(p.Tags)
	if err != nil {
		return seriesKey{}, fmt.Errorf("cannot encode the tags of a series: %w", err)
	}
	var key seriesKey
	if key.measurement, _, err = f.findOrAdd(ctx, &f.measurement, &f.addMeasurement,
		"SELECT id FROM measurements WHERE name = ?", "INSERT INTO measurements (name) VALUES (?)", p.Measurement); err != nil {
		return seriesKey{}, unavailable("cannot file a measurement", err)
	}
	var added bool
	if key.series, added, err = f.findOrAdd(ctx, &f.series, &f.addSeries,
		"SELECT id FROM series WHERE measurement = ? AND tags = ?", "INSERT INTO series (measurement, tags) VALUES (?, ?)", key.measurement, tags); err != nil {
		return seriesKey{}, unavailable("cannot file a series", err)
	}
	if added {
		if err := f.tags(ctx, p, key.series); err != nil {
			return seriesKey{}, unavailable("cannot file a tag", err)
		}
	}
	f.fresh[name] = key
	return key, nil
}

// tags files the tags by which a new series is found.
func (f *filing) tags(ctx context.Context, p telemetry.Point, series int64) error {
	add, err := f.prepared(ctx, &f.addTag, "INSERT INTO series_tags (key, value, series) VALUES (?, ?, ?)")
	if err != nil {
		return err
	}
	for _, t := range p.Tags {
		if ofCases(p.Measurement) && t.Key != incidentTag {
			continue
		}
		if _, err := add.ExecContext(ctx, t.Key, t.Value, series); err != nil {
			return err
		}
	}
	return nil
}

// encodeTags writes tags as a JSON array of pairs, in their order.
func encodeTags(tags []telemetry.Tag) (string, error) {
	pairs := make([][2]string, len(tags))
	for i, t := range tags {
		pairs[i] = [2]string{t.Key, t.Value}
	}
	b, err := json.Marshal(pairs)
	return string(b), err
}
