package sqlite

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/telemetry"
)

// Points yields the selected points in order of time, as they are read.
func (s *Store) Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error] {
	return func(yield func(telemetry.Point, error) bool) {
		statement, args := selection(q)
		rows, err := s.db.QueryContext(ctx, statement, args...)
		if err != nil {
			yield(telemetry.Point{}, unavailable("cannot read points", err))
			return
		}
		defer rows.Close()
		tags := map[int64][]telemetry.Tag{}
		for rows.Next() {
			var series, at int64
			var tagText, fields string
			if err := rows.Scan(&series, &at, &tagText, &fields); err != nil {
				yield(telemetry.Point{}, unavailable("cannot read a point", err))
				return
			}
			p := telemetry.Point{Measurement: q.Measurement, Time: time.Unix(0, at).UTC()}
			if p.Tags, err = tagsOf(tags, series, tagText); err == nil {
				p.Fields, err = decode(fields)
			}
			if err != nil {
				yield(telemetry.Point{}, unavailable("cannot decode a point", err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(telemetry.Point{}, unavailable("cannot read points", err))
		}
	}
}

// Count is how many points a query selects.
func (s *Store) Count(ctx context.Context, q telemetry.Query) (int64, error) {
	statement, args := selection(q)
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM ("+statement+")", args...).Scan(&n); err != nil {
		return 0, unavailable("cannot count points", err)
	}
	return n, nil
}

// mostTagSets bounds the memory for tags that were decoded in one reading.
const mostTagSets = 10_000

// tagsOf decodes the tags of a series once; points get copies of their own.
func tagsOf(seen map[int64][]telemetry.Tag, series int64, text string) ([]telemetry.Tag, error) {
	tags, have := seen[series]
	if !have {
		var err error
		if tags, err = decodeTags(text); err != nil {
			return nil, err
		}
		if len(seen) >= mostTagSets {
			clear(seen)
		}
		seen[series] = tags
	}
	return slices.Clone(tags), nil
}

// selection writes the statement for a query. With tags the few series that have
// them all are found first; without, the points are read in the order they lie.
func selection(q telemetry.Query) (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString("SELECT p.series, p.time, s.tags, p.fields FROM points p JOIN series s ON s.id = p.series" +
		" WHERE p.measurement = (SELECT id FROM measurements WHERE name = ?)")
	args = append(args, q.Measurement)
	if !q.From.IsZero() {
		b.WriteString(" AND p.time >= ?")
		args = append(args, nanoseconds(q.From))
	}
	if !q.To.IsZero() {
		b.WriteString(" AND p.time < ?")
		args = append(args, nanoseconds(q.To))
	}
	for _, key := range slices.Sorted(maps.Keys(q.Tags)) {
		if ofCases(q.Measurement) && key != incidentTag {
			// Not filed in series_tags: looked for among the series' own tags.
			has := "EXISTS (SELECT 1 FROM json_each(s.tags) WHERE json_extract(value, '$[0]') = ?"
			if q.Tags[key] == "" {
				b.WriteString(" AND NOT " + has + ")")
				args = append(args, key)
				continue
			}
			b.WriteString(" AND " + has + " AND json_extract(value, '$[1]') = ?)")
			args = append(args, key, telemetry.TagValue(q.Tags[key]))
			continue
		}
		if q.Tags[key] == "" {
			b.WriteString(" AND p.series NOT IN (SELECT series FROM series_tags WHERE key = ?)")
			args = append(args, key)
			continue
		}
		b.WriteString(" AND p.series IN (SELECT series FROM series_tags WHERE key = ? AND value = ?)")
		args = append(args, key, telemetry.TagValue(q.Tags[key]))
	}
	if !q.Superseded {
		b.WriteString(" AND p.superseded = 0")
	}
	b.WriteString(" ORDER BY p.time, p.series") // pages of one reading fit together
	return b.String(), args
}

// nanoseconds is a bound of a query as it is stored; what is outside the range
// of stored times stands at its end.
func nanoseconds(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, -1<<63)):
		return -1 << 63
	case t.After(time.Unix(0, 1<<63-1)):
		return 1<<63 - 1
	}
	return t.UnixNano()
}
