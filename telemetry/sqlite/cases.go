package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// A case is one incident, packed: a year of a busy county has millions of milestones
// and intervals, and a report of them must not take longer than a person waits. Each
// write makes the cases of its incidents anew from their points, in its transaction,
// so that they never say anything else than the points.
const (
	casesTable = `CREATE TABLE cases (
		id       INTEGER PRIMARY KEY,
		incident TEXT NOT NULL UNIQUE,
		received INTEGER NOT NULL, -- nanoseconds since 1970, UTC
		packed   BLOB NOT NULL
	)`
	casesIndex = `CREATE INDEX cases_by_call ON cases (received, incident)`
)

// incidentTag is the tag that makes a case.
const incidentTag = "incident"

// ofCases tells whether a measurement's points belong to cases.
func ofCases(measurement string) bool {
	return measurement == telemetry.IncidentMilestone || measurement == telemetry.ResponseInterval
}

// refreshCases makes the cases of the rows' incidents anew.
func refreshCases(ctx context.Context, tx *sql.Tx, rows []row) error {
	touched := map[string]bool{}
	var order []string
	for _, r := range rows {
		if !ofCases(r.point.Measurement) {
			continue
		}
		if id := r.point.Tag(incidentTag); id != "" && !touched[id] {
			touched[id] = true
			order = append(order, id)
		}
	}
	if len(order) == 0 {
		return nil
	}
	slices.Sort(order)
	w, err := prepareCases(ctx, tx)
	if err != nil {
		return err
	}
	defer w.close()
	for _, id := range order {
		if err := w.refresh(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// caseWriter has the statements that make a case.
type caseWriter struct{ points, keep, drop *sql.Stmt }

func prepareCases(ctx context.Context, tx *sql.Tx) (w caseWriter, err error) {
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{to: &w.points, text: `SELECT m.name, p.time, s.tags, p.fields
			FROM series_tags t JOIN series s ON s.id = t.series JOIN measurements m ON m.id = s.measurement JOIN points p ON p.series = s.id
			WHERE t.key = 'incident' AND t.value = ? ORDER BY p.time, p.series`},
		{to: &w.keep, text: `INSERT INTO cases (incident, received, packed) VALUES (?, ?, ?)
			ON CONFLICT (incident) DO UPDATE SET received = excluded.received, packed = excluded.packed`},
		{to: &w.drop, text: "DELETE FROM cases WHERE incident = ?"},
	} {
		if *s.to, err = tx.PrepareContext(ctx, s.text); err != nil {
			w.close()
			return w, unavailable("cannot prepare the cases", err)
		}
	}
	return w, nil
}

func (w caseWriter) close() {
	for _, s := range []*sql.Stmt{w.points, w.keep, w.drop} {
		if s != nil {
			_ = s.Close() // the transaction's end closes it too
		}
	}
}

// refresh makes one case of its points.
func (w caseWriter) refresh(ctx context.Context, id string) error {
	points, err := w.read(ctx, id)
	if err != nil {
		return unavailable("cannot read the points of a case", err)
	}
	c, found := cases.Of(points)
	if !found {
		_, err = w.drop.ExecContext(ctx, id)
	} else {
		_, err = w.keep.ExecContext(ctx, id, c.Received.UnixNano(), []byte(c.Pack()))
	}
	if err != nil {
		return unavailable("cannot keep a case", err)
	}
	return nil
}

func (w caseWriter) read(ctx context.Context, id string) ([]telemetry.Point, error) {
	rows, err := w.points.QueryContext(ctx, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []telemetry.Point
	for rows.Next() {
		var p telemetry.Point
		var at int64
		var tags, fields string
		if err := rows.Scan(&p.Measurement, &at, &tags, &fields); err != nil {
			return nil, err
		}
		p.Time = time.Unix(0, at).UTC()
		if p.Tags, err = decodeTags(tags); err == nil {
			p.Fields, err = decode(fields)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// addCases brings a series of schema 1, which has none, up to date.
func (s *Store) addCases(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("cannot begin the schema: %w", err)
	}
	defer tx.Rollback()
	for _, statement := range []string{casesTable, casesIndex, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("cannot make the schema: %w", err)
		}
	}
	ids, err := incidents(ctx, tx)
	if err != nil {
		return fmt.Errorf("cannot list the incidents: %w", err)
	}
	w, err := prepareCases(ctx, tx)
	if err != nil {
		return err
	}
	defer w.close()
	for _, id := range ids {
		if err := w.refresh(ctx, id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func incidents(ctx context.Context, tx *sql.Tx) ([]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT DISTINCT value FROM series_tags WHERE key = 'incident'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// Cases yields the selected cases in order of their calls. Each is good until the
// next one.
func (s *Store) Cases(ctx context.Context, q cases.Query) iter.Seq2[cases.Packed, error] {
	return func(yield func(cases.Packed, error) bool) {
		statement, args := "SELECT packed FROM cases WHERE received >= ?", []any{nanoseconds(q.From)}
		if q.From.IsZero() {
			args[0] = int64(-1 << 63)
		}
		if !q.To.IsZero() {
			statement, args = statement+" AND received < ?", append(args, nanoseconds(q.To))
		}
		if q.Incident != "" {
			statement, args = statement+" AND incident = ?", append(args, telemetry.TagValue(q.Incident))
		}
		rows, err := s.db.QueryContext(ctx, statement+" ORDER BY received, incident", args...)
		if err != nil {
			yield(nil, unavailable("cannot read cases", err))
			return
		}
		defer rows.Close()
		var packed sql.RawBytes
		for rows.Next() {
			if err := rows.Scan(&packed); err != nil {
				yield(nil, unavailable("cannot read a case", err))
				return
			}
			if !yield(cases.Packed(packed), nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, unavailable("cannot read cases", err))
		}
	}
}
