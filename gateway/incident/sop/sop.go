package sop

import (
	"time"

	"htgateway/geo"
)

// ClockName is one of the SOP's timed steps, as configuration and API spell it.
type ClockName string

// The five clocks of the Majalengka Raharja 112 procedure (firmware-notes/sop.md).
const (
	OnSceneUpdate  ClockName = "on_scene_update"
	ProgressUpdate ClockName = "progress_update"
	Monitoring     ClockName = "monitoring"
	Closing        ClockName = "closing"
	WholeFlow      ClockName = "whole_flow"
)

// IntervalName is one of the intervals that emergency services everywhere
// measure, or an SOP clock's own name.
type IntervalName string

// The intervals beside the SOP's own clocks.
const (
	CallProcessing IntervalName = "call_processing" // received → dispatched
	Turnout        IntervalName = "turnout"         // dispatched → en route
	Travel         IntervalName = "travel"          // en route → on scene
	Response       IntervalName = "response"        // received → on scene
	OnSceneTime    IntervalName = "on_scene"        // on scene → completed
	Total          IntervalName = "total"           // received → closed
)

// State is how a clock stands.
type State string

// The states of a clock. Warning is running with 80 % of the limit used.
const (
	Running  State = "running"
	Warning  State = "warning"
	Met      State = "met"
	Breached State = "breached"
	// Contradictory: it stopped before it started; clocks or people disagree, and nothing is met.
	Contradictory State = "contradictory"
)

// Plan is the procedure as data, loaded from configs/sop-majalengka.yaml. What it
// judges by changes with time: an incident is judged by what held at its call, for ever.
type Plan struct {
	// ValidFrom is from which call on the limits hold; zero for the first ones.
	ValidFrom time.Time `json:",omitzero"`
	// Limits of each clock; a clock without a limit is not judged.
	Limits map[ClockName]time.Duration
	// CategoryLimits override Limits for one incident category.
	CategoryLimits map[string]map[ClockName]time.Duration
	// Targets of the intervals; an interval without a target is measured and
	// not judged.
	Targets map[IntervalName]time.Duration
	// WarnAt is the used share of a limit from which a clock warns, 0 to 1.
	WarnAt float64
	// WholeFlowReading says in words which reading of "1.47 Jam" the limit is.
	WholeFlowReading string
	// Categories in the order of the SOP's table.
	Categories []Category
	// Later are the limits, targets and readings that took the place of these, in order
	// of ValidFrom; each has the others' Categories and no Later of its own.
	Later []Plan `json:",omitempty"`
}

// Category is one kind of emergency.
type Category struct {
	Key        string `json:"key"`
	Indonesian string `json:"id"`
	English    string `json:"en"`
}

// Course is what happened in one incident, reduced to times. A zero time is a
// stage that has not happened or was skipped: it is missing, never copied.
type Course struct {
	Category string
	// ReceivedAt is when the first call about the incident came: of its own and those
	// of its duplicates the earliest.
	ReceivedAt time.Time
	// DispatchedAt is when the first unit was sent.
	DispatchedAt time.Time
	// ClosedAt is when the incident ended, Cancelled that it turned out to be none.
	ClosedAt  time.Time
	Cancelled bool
	// Reviews are the dispatcher's acts that count as monitoring, in order.
	Reviews []time.Time
	Units   []UnitCourse
	// Clocks says which of the units' times were read off a device's clock; every
	// other time is the gateway's.
	Clocks []Reading
}

// Reading is a time as a device's clock had it.
type Reading struct {
	Unit string
	At   time.Time
	// Clock names the device.
	Clock string
	// OffsetS is how many seconds the clock was behind the gateway's, when known.
	OffsetS geo.Reading
}

// UnitCourse is one unit's part in an incident.
type UnitCourse struct {
	Unit                                                         string
	Dispatched, Acknowledged, EnRoute, OnScene, Completed, Ended time.Time
	// EndedBy is why the unit was taken off, where Ended is set.
	EndedBy Cut
	// Progress are the unit's reports between on scene and completed, in order.
	Progress []time.Time
}

// Cut is why a clock stopped without the report that it waited for.
type Cut string

// What can cut a clock off.
const (
	CutReleased  Cut = "released"  // the unit was taken off
	CutMoved     Cut = "moved"     // the unit was sent to another incident
	CutClosed    Cut = "closed"    // the incident was closed
	CutCancelled Cut = "cancelled" // the incident was cancelled
)

// Clock is one SOP clock of an incident, as the API shows it.
type Clock struct {
	Name ClockName `json:"clock"`
	// Unit is empty for a clock of the whole incident.
	Unit      string    `json:"unit,omitzero"`
	State     State     `json:"state"`
	StartedAt time.Time `json:"started_at"`
	DueAt     time.Time `json:"due_at"`
	// StoppedAt is zero while the clock runs.
	StoppedAt time.Time `json:"stopped_at,omitzero"`
	// Ended is why it stopped without the report that it waited for. Such a clock is
	// always breached: one that was cut off within its limit is not listed.
	Ended Cut `json:"ended,omitzero"`
	// RemainingS is the time left in seconds, negative once overdue; for a
	// stopped clock what was left when it stopped.
	RemainingS float64 `json:"remaining_s"`
}

// Interval is one measured interval.
type Interval struct {
	Name IntervalName `json:"interval"`
	// Unit is empty for an interval of the whole incident.
	Unit string `json:"unit,omitzero"`
	// From and To are the two milestones' times, UTC.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// LimitS is the limit in seconds, 0 when the interval is not judged.
	LimitS float64 `json:"limit_s,omitzero"`
	// Within is whether the limit was kept; true when there is none, and then absent
	// from the JSON.
	Within bool `json:"within"`
	// Ended is why the report that would have ended the interval never came: it is over
	// its limit and at least this long. Empty for one that came.
	Ended Cut `json:"ended,omitzero"`
	// Contradictory marks an interval that ends before it starts: two clocks or
	// two people disagree. It is never judged or averaged.
	Contradictory bool `json:"contradictory,omitzero"`
	// Clocks says whether both ends were read off clocks that agree: empty when they
	// are one clock. The interval itself is never corrected.
	Clocks Agreement `json:"clocks,omitzero"`
	// ClockGapS is by how many seconds the interval is too long (or too short, when
	// negative) because the clocks differ, as far as known.
	ClockGapS geo.Reading `json:"clock_gap_s,omitzero"`
}

// Agreement is how the clocks of an interval's two ends stand to each other.
type Agreement string

// How two clocks can stand.
const (
	OneClock       Agreement = ""
	Synchronised   Agreement = "synchronised"
	Unsynchronised Agreement = "unsynchronised"
	UnknownClocks  Agreement = "unknown"
)

// Seconds is the interval's length.
func (i Interval) Seconds() float64 { return i.To.Sub(i.From).Seconds() }
