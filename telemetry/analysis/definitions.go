package analysis

import (
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry/cases"
)

// Definition says what an interval is: departments have met a target by
// measuring something else under the same name.
type Definition struct {
	Interval sop.IntervalName `json:"interval"`
	// Starts and Ends say in words what begins and ends it.
	Starts string `json:"starts"`
	Ends   string `json:"ends"`
	// Each unit of an incident has one of its own.
	PerUnit bool `json:"per_unit"`
	// Repeats: one incident may have many.
	Repeats bool `json:"repeats,omitzero"`
	// SOP marks the clocks of the written procedure.
	SOP bool `json:"sop,omitzero"`

	// The milestones at its ends, where these are plain enough to say which one
	// is missing.
	start, end incident.MilestoneName
}

// Definitions lists every interval in the order of a report.
func Definitions() []Definition {
	return []Definition{
		{Interval: sop.CallProcessing, Starts: "call received", Ends: "first unit dispatched", start: incident.Received, end: incident.Dispatched},
		{Interval: sop.Turnout, Starts: "unit dispatched", Ends: "unit en route", PerUnit: true, start: incident.Dispatched, end: incident.EnRoute},
		{Interval: sop.Travel, Starts: "unit en route", Ends: "unit on scene", PerUnit: true, start: incident.EnRoute, end: incident.OnScene},
		{Interval: sop.Response, Starts: "call received", Ends: "unit on scene", PerUnit: true, start: incident.Received, end: incident.OnScene},
		{Interval: sop.OnSceneTime, Starts: "unit on scene", Ends: "unit completed", PerUnit: true, start: incident.OnScene, end: incident.Completed},
		{Interval: sop.Total, Starts: "call received", Ends: "incident closed", start: incident.Received, end: incident.Closed},
		{Interval: sop.IntervalName(sop.OnSceneUpdate), Starts: "unit dispatched", Ends: "unit's first on-scene report", PerUnit: true, SOP: true, start: incident.Dispatched, end: incident.OnScene},
		{Interval: sop.IntervalName(sop.ProgressUpdate), Starts: "unit's on-scene or progress report", Ends: "its next report of progress or completion", PerUnit: true, Repeats: true, SOP: true},
		{Interval: sop.IntervalName(sop.Monitoring), Starts: "first dispatch or a review", Ends: "the dispatcher's next review, or closing", Repeats: true, SOP: true},
		{Interval: sop.IntervalName(sop.Closing), Starts: "last unit completed", Ends: "incident closed", SOP: true},
		{Interval: sop.IntervalName(sop.WholeFlow), Starts: "call received", Ends: "incident closed", SOP: true, start: incident.Received, end: incident.Closed},
	}
}

// definition is a [Definition] with what is asked of it for every incident.
type definition struct {
	Definition
	// startAt and endAt are the places of its ends among the stages, -1 for none.
	startAt, endAt int
}

// definitions are all of them in the order of a report. The place of one there stands
// for its interval while values are counted.
var definitions = func() []*definition {
	var out []*definition
	for _, d := range Definitions() {
		out = append(out, &definition{d, stage(d.start), stage(d.end)})
	}
	return out
}()

// definedPacked are the places of the intervals of the names as packed cases have
// them, -1 for one that is not defined.
var definedPacked = func() []int {
	var out []int
	for _, name := range cases.IntervalNames() {
		out = append(out, slices.IndexFunc(definitions, func(d *definition) bool { return string(d.Interval) == name }))
	}
	return out
}()

// definedAt is the place of an interval among the definitions, -1 for another.
func definedAt(s *cases.Interval) int {
	if s.Index < 0 {
		return -1
	}
	return definedPacked[s.Index]
}

// Readings of the SOP's "1.47 Jam" (firmware-notes/sop.md), by their length in seconds.
const (
	clockReadingS   = 107 * 60
	decimalReadingS = 88*60 + 12
)

// WholeFlowReading says which reading of the SOP's "1.47 Jam" a limit of
// whole_flow is.
func WholeFlowReading(limitS float64) string {
	switch limitS {
	case clockReadingS:
		return "1.47 Jam read as 1 h 47 min (107 min)"
	case decimalReadingS:
		return "1.47 Jam read as 1.47 hours (88 min 12 s)"
	}
	return "a limit of its own instead of 1.47 Jam"
}
