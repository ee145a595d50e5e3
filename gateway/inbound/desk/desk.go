package desk

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo/places"
)

// Journal takes acts.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	// Find returns a record by its id; false when there is none.
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
}

// State is what acts are checked against. Wait returns once an entry has had its
// effect.
type State interface {
	Find(want func(incident.Call) bool, most int) []incident.Incident
	Incident(id string) (incident.Incident, bool)
	UnitByID(id string) (incident.UnitState, bool)
	Alerts() []incident.Alert
	Course(id string) (sop.Course, bool)
	// NewestAct is the time of the newest act on an incident, about a unit, or, with both
	// empty, of all; zero when there is none.
	NewestAct(incident, unit string) time.Time
	Wait(ctx context.Context, seq uint64) error
	// Ready returns once everything that was in the journal at the call had its effect.
	Ready(ctx context.Context) error
}

// Options of a desk.
type Options struct {
	Plan sop.Plan
	// Places finds addresses, and the sub-district of a point; nil without places.
	Places *places.Gazetteer
	// Now is the gateway's clock.
	Now func() time.Time
	// Zone is where the incident numbers' day begins.
	Zone *time.Location
	// Forget takes the callers whose erasure was journaled out of what is stored.
	Forget func(ctx context.Context) error
	// Log may be nil.
	Log *slog.Logger
}

// Desk is safe for concurrent use.
type Desk struct {
	journal Journal
	state   State
	o       Options
	router  Router // nil when nothing can be sent

	locks locks
	clock clock
}

// New returns a desk.
func New(j Journal, s State, o Options) *Desk { return &Desk{journal: j, state: s, o: o} }

// earliest is when the first of anything may have happened: a date before it is a
// slip, or a clock that was never set.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// maxText is the longest text of an act, in bytes.
const maxText = 4000

// incident finds an incident, once everything acknowledged before had its effect:
// after a start the state may still be behind the journal, and what an earlier life
// acknowledged is neither unknown nor as it was then.
func (d *Desk) incident(ctx context.Context, id string) (incident.Incident, error) {
	if err := d.ready(ctx); err != nil {
		return incident.Incident{}, err
	}
	in, known := d.state.Incident(id)
	if !known {
		return incident.Incident{}, fmt.Errorf("incident %q %w", id, incident.ErrNotFound)
	}
	return in, nil
}

// ready returns once everything acknowledged before had its effect.
func (d *Desk) ready(ctx context.Context) error {
	if err := d.state.Ready(ctx); err != nil {
		return fmt.Errorf("%w: %w", incident.ErrNotStored, err)
	}
	return nil
}

// open refuses an incident that has ended.
func open(in incident.Incident) error {
	if in.Ended() {
		return fmt.Errorf("incident %s is %s: %w", in.Number, in.Status, incident.ErrConflict)
	}
	return nil
}
