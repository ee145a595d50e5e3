package journal

import "time"

// Kinds of alarm about a clock of the procedure.
const (
	AlarmWarning = "warning" // the share of the limit from which it warns is used up
	AlarmBreach  = "breach"  // the limit has passed
)

// States of an alarm.
const (
	AlarmRaised    = "raised"    // the clock still runs
	AlarmAnswered  = "answered"  // what was late has come
	AlarmBreached  = "breached"  // a warning that was not heeded: its breach stands beside it
	AlarmWithdrawn = "withdrawn" // a correction says that it never came to this
)

// BySOP is by whom an act is that the SOP's clocks did, and no person.
const BySOP = "sop"

// Alarm is one step in the life of an alarm: it was raised, its clock stopped, a
// correction moved or withdrew it, a dispatcher looked.
type Alarm struct {
	// ID names the alarm by incident, clock, unit, sending, occurrence and kind;
	// Step counts its steps from 1.
	ID   string `json:"id"`
	Step int    `json:"step"`
	// Kind is AlarmWarning or AlarmBreach, State how the alarm stands after this
	// step, and Change what this step is: a state, "moved" or "seen".
	Kind   string `json:"kind"`
	State  string `json:"state"`
	Change string `json:"change"`

	Incident string `json:"incident"`
	Clock    string `json:"clock"`
	// Unit is empty for a clock of the whole incident; Late is its call sign, or
	// "Dispatcher".
	Unit string `json:"unit,omitzero"`
	Late string `json:"late"`
	// Sent counts how often the unit was sent to the incident, Occurrence which run
	// of the clock it is since then, both from 1.
	Sent       int `json:"sent,omitzero"`
	Occurrence int `json:"occurrence"`

	// At is when the clock came to the threshold, DueAt when its limit ends, UTC.
	At        time.Time `json:"at"`
	StartedAt time.Time `json:"started_at"`
	DueAt     time.Time `json:"due_at"`
	LimitS    float64   `json:"limit_s"`
	// StoppedAt is when the clock stopped, zero while it runs.
	StoppedAt time.Time `json:"stopped_at,omitzero"`
	// SeenAt is the first act of a dispatcher on the incident after At. Until then
	// the alarm stays open, whatever a radio says: its identity is a claim.
	SeenAt time.Time `json:"seen_at,omitzero"`
	// KnownAt is when the gateway took this step, UTC.
	KnownAt time.Time `json:"known_at"`
	// Text says it in Indonesian, TextEN in English.
	Text   string `json:"text"`
	TextEN string `json:"text_en"`
}

// Open tells whether a dispatcher has still to look.
func (a Alarm) Open() bool { return a.SeenAt.IsZero() && a.State != AlarmBreached }
