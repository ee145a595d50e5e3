package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// Scope selects incidents and parts of them; empty values select all.
type Scope struct {
	// From is included, To is not; both are times of the call.
	From, To time.Time
	// Category, District and Incident select incidents.
	Category, District, Incident string
	// Agency and Unit select the parts of units. What belongs to no unit is then
	// left out.
	Agency, Unit string
}

// ofParts tells that only parts of units are asked for.
func (s Scope) ofParts() bool { return s.Agency != "" || s.Unit != "" }

// Record is what is known of the incidents of a scope. A year of a busy county has
// millions of milestones and intervals, so the cases stay packed: each question
// unpacks them one after another into the same place.
type Record struct {
	Scope

	cases []cases.Packed
}

// Read gathers the incidents of a scope.
func Read(ctx context.Context, source telemetry.Source, s Scope) (*Record, error) {
	r := NewRecord(s)
	var names cases.Unpacker
	var c cases.Case
	var room []byte
	for packed, err := range cases.Read(ctx, source, cases.Query{From: s.From, To: s.To, Incident: s.Incident}) {
		if err != nil {
			return nil, fmt.Errorf("cannot read the incidents: %w", err)
		}
		if s.narrows() {
			if err := names.Unpack(packed, &c); err != nil {
				return nil, fmt.Errorf("cannot read an incident: %w", err)
			}
			if !s.holds(&c) {
				continue
			}
		}
		// Many share one piece of memory.
		if len(packed) > cap(room)-len(room) {
			room = make([]byte, 0, max(roomSize, len(packed)))
		}
		from := len(room)
		room = append(room, packed...)
		r.cases = append(r.cases, room[from:len(room):len(room)])
	}
	return r, nil
}

// roomSize is how many bytes of packed cases are kept together.
const roomSize = 1 << 20

// NewRecord returns a record of a scope without incidents.
func NewRecord(s Scope) *Record { return &Record{Scope: s} }

// narrows tells that more than the period selects.
func (s Scope) narrows() bool { return s.Category != "" || s.District != "" || s.ofParts() }

// holds tells whether an incident belongs to the scope: one of its units must when
// units are asked for.
func (s Scope) holds(c *cases.Case) bool {
	if s.Category != "" && s.Category != c.Category || s.District != "" && s.District != c.District {
		return false
	}
	return !s.ofParts() || slices.ContainsFunc(c.Milestones, func(m cases.Milestone) bool { return s.wants(c.Teams[m.Team]) })
}

// wants tells whether a unit's part is asked for.
func (s Scope) wants(t cases.Team) bool {
	return t.Unit != "" && (s.Unit == "" || s.Unit == t.Unit) && (s.Agency == "" || s.Agency == t.Agency)
}

// each gives every incident of the record that is in the figures, one after another in the same place.
func (r *Record) each(take func(*call)) error {
	u := unpacking{scope: r.Scope}
	for _, packed := range r.cases {
		c, err := u.call(packed)
		if err != nil {
			return err
		}
		if c != nil && !c.uncounted() {
			take(c)
		}
	}
	return nil
}
