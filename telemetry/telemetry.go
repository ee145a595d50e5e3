package telemetry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// The measurements. Tags and fields are listed in the README.
const (
	UnitFix           = "unit_fix"
	UnitStatus        = "unit_status"
	IncidentMilestone = "incident_milestone"
	ResponseInterval  = "response_interval"
	LinkHealth        = "link_health"
)

// Measurements lists them all.
func Measurements() []string {
	return []string{UnitFix, UnitStatus, IncidentMilestone, ResponseInterval, LinkHealth}
}

// MadeOfUpdates lists those that are made of updates, and can be made again: all but how
// links stood.
func MadeOfUpdates() []string {
	return []string{UnitFix, UnitStatus, IncidentMilestone, ResponseInterval, seriesMade}
}

// Tag is one indexed label of a point.
type Tag struct{ Key, Value string }

// Field is one value of a point: a float64, int64, bool or string.
type Field struct {
	Key   string
	Value any
}

// Point is one point of a series. Its identity is measurement, tags and time:
// a second point with the same identity replaces the first.
type Point struct {
	Measurement string
	// Tags are sorted by key, without empty values.
	Tags   []Tag
	Fields []Field
	// Time is the event's own time, UTC, to the nanosecond.
	Time time.Time
}

// Query selects points of one measurement.
type Query struct {
	Measurement string
	// From is included, To is not; zero times are open ends.
	From, To time.Time
	// Tags that a point must have; an empty value asks for points without that
	// tag.
	Tags map[string]string
	// Superseded asks also for points that a correction has replaced. Without
	// it they are left out, so that no figure counts them.
	Superseded bool
	// AnyArea asks also for points of other service areas, which a server may have
	// beside those of its own.
	AnyArea bool
}

// Store keeps points. Both stores pass one contract test.
type Store interface {
	// Write returns once the points are stored. Points that the store will
	// never take come back in a [RefusedError]; all others are then stored. Any
	// other error means that none may be counted as stored: try again later.
	Write(ctx context.Context, points []Point) error
	// Points yields the selected points in order of time.
	Points(ctx context.Context, q Query) iter.Seq2[Point, error]
	// Reset forgets at least what is made of updates, of its service area.
	Reset(ctx context.Context) error
	Close() error
}

// Source is where points are read from.
type Source interface {
	Points(ctx context.Context, q Query) iter.Seq2[Point, error]
}

// RefusedError lists points that a store will never take, each with its reason.
type RefusedError struct {
	Points  []Point
	Reasons []string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("telemetry: %d points refused, the first because %s", len(e.Points), e.Reasons[0])
}

// ErrUnavailable is wrapped when a store cannot be reached or is overloaded.
var ErrUnavailable = errors.New("telemetry: store unavailable")
