package export

import (
	"errors"
	"fmt"
	"strings"

	"htgateway/telemetry"
)

// What is what can be exported.
type What string

// The tables. Their columns are those of the measurement of that name in the
// README, or of an entry of the journal.
const (
	Fixes      What = "fixes"
	Statuses   What = "statuses"
	Milestones What = "milestones"
	Intervals  What = "intervals"
	Journal    What = "journal"
)

// Whats lists them all.
func Whats() []What { return []What{Fixes, Statuses, Milestones, Intervals, Journal} }

// Format is how it is written.
type Format string

// The formats: RFC 4180, one JSON object a line, Apache Parquet, RFC 7946, GPX 1.1.
const (
	CSV     Format = "csv"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
	GeoJSON Format = "geojson"
	GPX     Format = "gpx"
)

// Formats lists them all.
func Formats() []Format { return []Format{CSV, JSONL, Parquet, GeoJSON, GPX} }

// ErrNotPossible is wrapped when a format cannot hold what is asked for.
var ErrNotPossible = errors.New("cannot be exported")

// Check tells why a table cannot be exported in a format, or nil.
func Check(w What, f Format) error {
	if columns(w) == nil {
		return fmt.Errorf("%w: %q is none of %s", ErrNotPossible, w, list(Whats()))
	}
	switch f {
	case CSV, JSONL, Parquet:
		return nil
	case GeoJSON, GPX:
		if w == Fixes {
			return nil
		}
		return fmt.Errorf("%w: %s have no places of their own, so not as %s; only %s have", ErrNotPossible, w, f, Fixes)
	}
	return fmt.Errorf("%w: format %q is none of %s", ErrNotPossible, f, list(Formats()))
}

func list[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// kind is what a column holds.
type kind int

const (
	words    kind = iota // string; empty stands for absent
	number               // float64
	whole                // int64
	truth                // bool
	moment               // time.Time, UTC
	document             // json.RawMessage
)

// column is one column of a table.
type column struct {
	name string
	kind kind
	// always: every row has a value.
	always bool
}

// Row has one value for each column, nil where it is not known.
type Row []any

// columns are those of a table, in the order in which they are written. Of a
// series they are named as its tags and fields; nil for an unknown table.
func columns(w What) []column {
	switch w {
	case Fixes:
		return []column{
			{"time", moment, true}, {"unit", words, false}, {"agency", words, false}, {"protocol", words, false}, {"link", words, false},
			{"lat", number, true}, {"lon", number, true}, {"accuracy_m", number, false}, {"speed_mps", number, false},
			{"course_deg", number, false}, {"altitude_m", number, false}, {"incident", words, false}, {"report", words, false}, {"device", words, false},
		}
	case Statuses:
		return []column{
			{"time", moment, true}, {"unit", words, false}, {"agency", words, false}, {"status", words, false}, {"code", words, false},
			{"protocol", words, false}, {"link", words, false}, {"incident", words, false}, {"report", words, false}, {"device", words, false},
		}
	case Milestones:
		return []column{
			{"time", moment, true}, {"incident", words, false}, {"category", words, false}, {"district", words, false}, {"agency", words, false},
			{"unit", words, false}, {"milestone", words, false}, {"evidence", words, false}, {"offset_s", number, false}, {"report", words, false},
			{"confidence", number, false}, {"verdict", words, false}, {telemetry.ClockField, words, false}, {telemetry.KnownAfterField, number, false},
			{telemetry.WitnessAfterField, number, false}, {telemetry.SupersededField, truth, false},
		}
	case Intervals:
		return []column{
			{"time", moment, true}, {"incident", words, false}, {"category", words, false}, {"district", words, false}, {"agency", words, false},
			{"unit", words, false}, {"interval", words, false}, {"seconds", number, false}, {"limit_s", number, false}, {"within", truth, false},
			{telemetry.ContradictoryField, truth, false}, {telemetry.CorrectedField, truth, false}, {telemetry.SupersededField, truth, false}, {telemetry.EndedField, words, false},
		}
	case Journal:
		return []column{
			{"seq", whole, true}, {"id", words, true}, {"kind", words, true}, {"at", moment, true}, {"journaled_at", moment, true}, {"body", document, true},
		}
	}
	return nil
}

// measurement is the series of a table, empty for the journal.
func measurement(w What) string {
	switch w {
	case Fixes:
		return telemetry.UnitFix
	case Statuses:
		return telemetry.UnitStatus
	case Milestones:
		return telemetry.IncidentMilestone
	case Intervals:
		return telemetry.ResponseInterval
	}
	return ""
}
