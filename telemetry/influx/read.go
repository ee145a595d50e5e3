package influx

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/query"

	"htgateway/telemetry"
)

const (
	firstWindow   = time.Hour
	longestWindow = 366 * 24 * time.Hour
	// fewPoints and manyPoints in one window make the next one longer or shorter.
	fewPoints, manyPoints = 5_000, 50_000
)

// Points yields the selected points in order of time. The server gives each
// field of each series in a table of its own; they are put together here, window
// by window, because version 1.8 turns absent booleans into false when it is
// asked to do that. A window is as long as its points fit in little memory.
func (s *Store) Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error] {
	return func(yield func(telemetry.Point, error) bool) {
		first, last, found, err := s.span(ctx, q)
		if err != nil {
			yield(telemetry.Point{}, err)
			return
		}
		if !found {
			return
		}
		// The end of a range is left out by version 2 and included by 1.8, so
		// both bounds are checked here again.
		end := last.Add(time.Nanosecond)
		if !q.To.IsZero() && q.To.Before(end) {
			end = q.To
		}
		for from, width := first, firstWindow; from.Before(end); {
			to := from.Add(width)
			if to.After(end) {
				to = end
			}
			points, err := s.window(ctx, q, from, to)
			if err != nil {
				yield(telemetry.Point{}, err)
				return
			}
			for _, p := range points {
				if (q.Superseded || !p.Superseded()) && !yield(p, nil) {
					return
				}
			}
			switch {
			case len(points) < fewPoints:
				width = min(2*width, longestWindow)
			case len(points) > manyPoints:
				width = max(width/4, time.Second)
			}
			from = to
		}
	}
}

// span is when the first and last of the selected points are.
func (s *Store) span(ctx context.Context, q telemetry.Query) (first, last time.Time, found bool, err error) {
	from, to := bound(q.From, telemetry.Earliest), bound(q.To, telemetry.Latest)
	if !from.Before(to) {
		return first, last, false, nil
	}
	for _, end := range []struct {
		pick, of string
		at       *time.Time
	}{{"first", "min", &first}, {"last", "max", &last}} {
		flux := s.selection(q, from, to) + fmt.Sprintf(
			"\n  |> %s()\n  |> keep(columns: [\"_time\"])\n  |> group()\n  |> %s(column: \"_time\")", end.pick, end.of)
		err = s.rows(ctx, flux, func(_ *query.FluxTableMetadata, r *query.FluxRecord) {
			*end.at, found = r.Time().UTC(), true
		})
		if err != nil || !found {
			return first, last, false, err
		}
	}
	return first, last, true, nil
}

// bound is a time of the query, or the end of what can be stored.
func bound(t, open time.Time) time.Time {
	switch {
	case t.IsZero():
		return open
	case t.Before(telemetry.Earliest):
		return telemetry.Earliest
	case t.After(telemetry.Latest):
		return telemetry.Latest
	}
	return t
}

// selection is the Flux for a query without its end.
func (s *Store) selection(q telemetry.Query, from, to time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "from(bucket: %s)\n  |> range(start: time(v: %d), stop: time(v: %d))\n  |> filter(fn: (r) => r._measurement == %s)",
		quote(s.settings.Bucket), from.UnixNano(), to.UnixNano(), quote(q.Measurement))
	if area := telemetry.TagValue(s.settings.Area); area != "" && !q.AnyArea {
		fmt.Fprintf(&b, "\n  |> filter(fn: (r) => r.area == %s)", quote(area))
	}
	for _, key := range slices.Sorted(maps.Keys(q.Tags)) {
		value := telemetry.TagValue(q.Tags[key])
		if value == "" {
			fmt.Fprintf(&b, "\n  |> filter(fn: (r) => not exists r[%[1]s] or r[%[1]s] == \"\")", quote(key))
			continue
		}
		fmt.Fprintf(&b, "\n  |> filter(fn: (r) => r[%s] == %s)", quote(key), quote(value))
	}
	return b.String()
}

// quote writes a Flux string literal.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// window reads all points of one window, in order of time and series.
func (s *Store) window(ctx context.Context, q telemetry.Query, from, to time.Time) ([]telemetry.Point, error) {
	var points []telemetry.Point
	at := map[string]int{} // where each identity stands in points
	err := s.rows(ctx, s.selection(q, from, to), func(meta *query.FluxTableMetadata, r *query.FluxRecord) {
		if at := r.Time(); at.Before(from) || !at.Before(to) {
			return
		}
		p := telemetry.Point{Measurement: q.Measurement, Tags: tagsOf(meta, r), Time: r.Time().UTC()}
		id := p.Identity()
		i, known := at[id]
		if !known {
			i = len(points)
			at[id] = i
			points = append(points, p)
		}
		points[i].Fields = append(points[i].Fields, telemetry.Field{Key: r.Field(), Value: valueOf(meta, r)})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(points, func(a, b telemetry.Point) int { return a.Time.Compare(b.Time) })
	return points, nil
}

// tagsOf are the columns of a table's group key that are not Flux's own.
func tagsOf(meta *query.FluxTableMetadata, r *query.FluxRecord) []telemetry.Tag {
	var out []telemetry.Tag
	for _, c := range meta.Columns() {
		if !c.IsGroup() || strings.HasPrefix(c.Name(), "_") {
			continue
		}
		if v, _ := r.ValueByKey(c.Name()).(string); v != "" {
			out = append(out, telemetry.Tag{Key: c.Name(), Value: v})
		}
	}
	slices.SortFunc(out, func(a, b telemetry.Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// valueOf is the row's value. The client takes the empty string for none, but a
// row without a value does not exist.
func valueOf(meta *query.FluxTableMetadata, r *query.FluxRecord) any {
	if v := r.Value(); v != nil {
		return v
	}
	for _, c := range meta.Columns() {
		if c.Name() == "_value" && c.DataType() == "string" {
			return ""
		}
	}
	return nil
}

// rows runs a query and gives each row as it comes.
func (s *Store) rows(ctx context.Context, flux string, take func(*query.FluxTableMetadata, *query.FluxRecord)) error {
	result, err := s.query.Query(ctx, flux)
	if err != nil {
		return fmt.Errorf("influx: cannot query: %w: %s", telemetry.ErrUnavailable, reason(err))
	}
	defer result.Close()
	for result.Next() {
		take(result.TableMetadata(), result.Record())
	}
	if err := result.Err(); err != nil {
		return fmt.Errorf("influx: cannot read the answer: %w: %w", telemetry.ErrUnavailable, err)
	}
	return nil
}
