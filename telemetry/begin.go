package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"htgateway/devices/transport/reconnect"
)

// seriesMade is the measurement that says of what a series is made: one point a day, with
// the area as its tag.
const seriesMade = "series_made"

// madeField says it: [pointsVersion], the area and the settings of the updates.
const madeField = "of"

// pointsVersion is how this version writes points: a store that was written otherwise is
// written anew. Count it up when a point gets another identity.
const pointsVersion = "2"

func (f *Follower) made() string {
	return pointsVersion + " " + f.o.Area + " " + f.o.Updates.SettingsHash()
}

// begin returns the cursor and what is known of the store. One that was written by another
// version, for another area or of updates under other settings is emptied and written from
// the first update on.
func (f *Follower) begin(ctx context.Context) (uint64, *standing, error) {
	made := ""
	for p, err := range f.o.Store.Points(ctx, Query{Measurement: seriesMade, Tags: map[string]string{areaTag: f.o.Area}}) {
		if err != nil {
			return 0, nil, fmt.Errorf("cannot read of what the store is made: %w", err)
		}
		made, _ = p.Field(madeField).(string)
	}
	cursor, err := f.o.Updates.Cursor(ctx, f.o.Sink)
	if err != nil {
		return 0, nil, fmt.Errorf("cannot read the cursor: %w", err)
	}
	order := &standing{
		area: TagValue(f.o.Area), read: f.live, incidents: map[string]*incidentPoints{}, released: map[uint64]struct{}{},
		reports: reportPoints{read: f.selected},
	}
	if made == text(f.made()) && cursor > 0 {
		return cursor, order, nil
	}
	if cursor > 0 {
		if err := f.o.Updates.SetCursor(ctx, f.o.Sink, 0); err != nil {
			return 0, nil, fmt.Errorf("cannot go back to the first update: %w", err)
		}
	}
	if f.o.ResetAtStart {
		if err := f.o.Store.Reset(ctx); err != nil {
			return 0, nil, fmt.Errorf("cannot empty the store: %w", err)
		}
	}
	order.anew, order.empty = true, true
	for _, err := range f.o.Store.Points(ctx, Query{Measurement: IncidentMilestone, AnyArea: true}) {
		if err != nil {
			return 0, nil, fmt.Errorf("cannot see whether the store is empty: %w", err)
		}
		order.empty = false
		break
	}
	f.noted = time.Time{}
	return 0, order, f.noteMade(ctx)
}

// noteMade notes of what the series is made, once a day: a bucket may keep points for some
// time only. One that does not take the note is written anew at each start.
func (f *Follower) noteMade(ctx context.Context) error {
	now := f.o.Now().UTC()
	if since := now.Sub(f.noted); since >= 0 && since < 24*time.Hour {
		return nil
	}
	p := Point{Measurement: seriesMade, Tags: makeTags(areaTag, f.o.Area), Time: now, Fields: []Field{{madeField, text(f.made())}}}
	err := f.o.Store.Write(ctx, []Point{p})
	var refused *RefusedError
	if errors.As(err, &refused) {
		f.o.Log.LogAttrs(ctx, slog.LevelWarn, "store refuses the note of what it is made", slog.String("sink", f.o.Sink), slog.Any("reason", refused))
	} else if err != nil {
		return fmt.Errorf("cannot note of what the store is made: %w", err)
	}
	f.noted = now
	return nil
}

// live reads an incident's live points, however long the store is away.
func (f *Follower) live(ctx context.Context, id string) ([]Point, error) {
	of := map[string]string{"incident": id}
	return f.selected(ctx,
		Query{Measurement: IncidentMilestone, Tags: of, Superseded: true, AnyArea: true},
		Query{Measurement: ResponseInterval, Tags: of, AnyArea: true})
}

// selected reads what queries select, however long the store is away.
func (f *Follower) selected(ctx context.Context, queries ...Query) ([]Point, error) {
	for wait := f.o.FirstWait; ; wait = min(2*wait, f.o.LongestWait) {
		points, err := f.readSelected(ctx, queries)
		switch {
		case err == nil:
			return points, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		f.failed(ctx, err)
		if err := reconnect.Pause(ctx, spread(wait)); err != nil {
			return nil, err
		}
	}
}

func (f *Follower) readSelected(ctx context.Context, queries []Query) (out []Point, err error) {
	for _, q := range queries {
		for p, err := range f.o.Store.Points(ctx, q) {
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	return out, nil
}
