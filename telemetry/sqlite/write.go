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
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable("cannot begin", err)
	}
	defer tx.Rollback()
	fresh := map[string]seriesKey{}
	for i := range rows {
		if rows[i].key, err = s.file(ctx, tx, rows[i].point, fresh); err != nil {
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
	if len(s.known)+len(fresh) > mostKnown {
		clear(s.known)
	}
	maps.Copy(s.known, fresh)
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

// file finds or makes the series of a point.
func (s *Store) file(ctx context.Context, tx *sql.Tx, p telemetry.Point, fresh map[string]seriesKey) (seriesKey, error) {
	name := p.Series()
	for _, known := range []map[string]seriesKey{s.known, fresh} {
		if key, ok := known[name]; ok {
			return key, nil
		}
	}
	tags, err := encodeTags(p.Tags)
	if err != nil {
		return seriesKey{}, fmt.Errorf("series in SQLite: cannot encode tags: %w", err)
	}
	var key seriesKey
	if key.measurement, _, err = findOrAdd(ctx, tx, "measurements (name)", "name = ?", p.Measurement); err != nil {
		return seriesKey{}, unavailable("cannot file a measurement", err)
	}
	var added bool
	if key.series, added, err = findOrAdd(ctx, tx, "series (measurement, tags)", "measurement = ? AND tags = ?", key.measurement, tags); err != nil {
		return seriesKey{}, unavailable("cannot file a series", err)
	}
	if added {
		for _, t := range p.Tags {
			if ofCases(p.Measurement) && t.Key != incidentTag {
				continue
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO series_tags (key, value, series) VALUES (?, ?, ?)", t.Key, t.Value, key.series); err != nil {
				return seriesKey{}, unavailable("cannot file a tag", err)
			}
		}
	}
	fresh[name] = key
	return key, nil
}

// findOrAdd returns the id of a row of a table that has one.
func findOrAdd(ctx context.Context, tx *sql.Tx, table, where string, values ...any) (id int64, added bool, err error) {
	name, _, _ := strings.Cut(table, " ")
	err = tx.QueryRowContext(ctx, "SELECT id FROM "+name+" WHERE "+where, values...).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, false, err
	}
	holes := strings.TrimSuffix(strings.Repeat("?,", len(values)), ",")
	done, err := tx.ExecContext(ctx, "INSERT INTO "+table+" VALUES ("+holes+")", values...)
	if err != nil {
		return 0, false, err
	}
	id, err = done.LastInsertId()
	return id, true, err
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
