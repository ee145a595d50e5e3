package export

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"htgateway/gateway/journal"
	"htgateway/telemetry"
)

// Scope bounds what is exported.
type Scope struct {
	// From is included, To is not; zero times are open ends. They bound a point's
	// own time, and the time at which the gateway received an entry of the journal.
	From, To time.Time
	// Unit is the id of one unit, empty for all.
	Unit string
}

// Series is what points are read from.
type Series interface {
	Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error]
}

// Query is how the points of a table are asked for. Those that a correction has replaced are
// asked for where the table has a column that says so.
func Query(w What, s Scope) telemetry.Query {
	q := telemetry.Query{Measurement: measurement(w), From: s.From, To: s.To, Superseded: saysSuperseded(w)}
	if s.Unit != "" {
		q.Tags = map[string]string{"unit": s.Unit}
	}
	return q
}

func saysSuperseded(w What) bool {
	return slices.ContainsFunc(columns(w), func(c column) bool { return c.name == telemetry.SupersededField })
}

// FromSeries yields the rows of a table in order of time.
func FromSeries(ctx context.Context, series Series, w What, s Scope) iter.Seq2[Row, error] {
	return rowsOf(series.Points(ctx, Query(w, s)), columns(w))
}

// FixesByUnit yields fixes unit by unit, each unit's in order of time. The series is
// read once more than there are units, so that no unit's fixes stand in memory.
func FixesByUnit(ctx context.Context, series Series, s Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		units := map[string]bool{}
		for p, err := range series.Points(ctx, Query(Fixes, s)) {
			if err != nil {
				yield(nil, err)
				return
			}
			units[p.Tag("unit")] = true
		}
		for _, unit := range slices.Sorted(maps.Keys(units)) {
			q := Query(Fixes, s)
			q.Tags = map[string]string{"unit": unit}
			for row, err := range rowsOf(series.Points(ctx, q), columns(Fixes)) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

func rowsOf(points iter.Seq2[telemetry.Point, error], cols []column) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		row := make(Row, len(cols))
		for p, err := range points {
			if err == nil {
				err = fill(row, p, cols)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// fill puts a point into a row.
func fill(row Row, p telemetry.Point, cols []column) error {
	for i, c := range cols {
		row[i] = nil
		if c.kind == moment {
			row[i] = p.Time.UTC()
			continue
		}
		v := p.Field(c.name)
		if tag := p.Tag(c.name); tag != "" {
			v = tag
		}
		if n, is := v.(int64); is && c.kind == number {
			v = float64(n) // a whole number that another program wrote
		}
		if v == nil || v == "" {
			continue
		}
		switch v.(type) {
		case string:
			if c.kind != words {
				return fmt.Errorf("%s at %s: %s is text", p.Measurement, p.Time.Format(time.RFC3339Nano), c.name)
			}
		case float64:
			if c.kind != number {
				return fmt.Errorf("%s at %s: %s is a number", p.Measurement, p.Time.Format(time.RFC3339Nano), c.name)
			}
		case bool:
			if c.kind != truth {
				return fmt.Errorf("%s at %s: %s is true or false", p.Measurement, p.Time.Format(time.RFC3339Nano), c.name)
			}
		default:
			return fmt.Errorf("%s at %s: %s is a %T", p.Measurement, p.Time.Format(time.RFC3339Nano), c.name, v)
		}
		row[i] = v
	}
	return nil
}

// FromJournal yields the entries of a journal in their order. An entry that the
// journal yields as an error is yielded as that error, and reading goes on.
func FromJournal(entries iter.Seq2[journal.Entry, error], s Scope) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		row := make(Row, len(columns(Journal)))
		for e, err := range entries {
			switch {
			case err != nil:
				if !yield(nil, err) {
					return
				}
				continue
			case !s.From.IsZero() && e.At.Before(s.From), !s.To.IsZero() && !e.At.Before(s.To):
				continue
			case !json.Valid(e.Body):
				if !yield(nil, fmt.Errorf("%w: the body of entry %d, %s %q, is no JSON", journal.ErrCorrupt, e.Seq, e.Kind, e.ID)) {
					return
				}
				continue
			}
			row[0], row[1], row[2] = int64(e.Seq), e.ID, string(e.Kind)
			row[3], row[4], row[5] = e.At.UTC(), e.JournaledAt.UTC(), json.RawMessage(e.Body)
			if !yield(row, nil) {
				return
			}
		}
	}
}
