package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
	"htgateway/telemetry"
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

	cases   []telemetry.PackedCase
	defined map[sop.IntervalName]*definition
	inOrder []*definition // of a report
}

// definition is a [Definition] with what is asked of it for every sample.
type definition struct {
	Definition
	// startAt and endAt are the places of its ends among the stages, -1 for none.
	startAt, endAt int
}

// call is one incident of the period.
type call struct {
	id                 string
	at                 time.Time
	category, district string
	reached            reached // by any unit, each the earliest
	parts              []part
	samples            []sample
}

// part is one unit's share in an incident.
type part struct {
	unit, agency string
	reached      reached
}

// part returns a unit's share, nil for none.
func (c *call) part(unit string) *part {
	for i := range c.parts {
		if c.parts[i].unit == unit {
			return &c.parts[i]
		}
	}
	return nil
}

// sample is one measured interval, or an old value of one.
type sample struct {
	unit, agency string
	interval     sop.IntervalName
	ended        int64 // nanoseconds since 1970
	seconds      float64
	limitS       float64

	within, contradictory, corrected, superseded bool
}

// Read gathers the incidents of a scope.
func Read(ctx context.Context, source telemetry.Source, s Scope) (*Record, error) {
	r := NewRecord(s)
	var names telemetry.Unpacker
	var c telemetry.Case
	var room []byte
	for packed, err := range telemetry.Cases(ctx, source, telemetry.CaseQuery{From: s.From, To: s.To, Incident: s.Incident}) {
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
func NewRecord(s Scope) *Record {
	r := &Record{Scope: s, defined: map[sop.IntervalName]*definition{}}
	for _, d := range Definitions() {
		known := &definition{d, slices.Index(stages, d.start), slices.Index(stages, d.end)}
		r.defined[d.Interval], r.inOrder = known, append(r.inOrder, known)
	}
	return r
}

// narrows tells that more than the period selects.
func (s Scope) narrows() bool { return s.Category != "" || s.District != "" || s.ofParts() }

// holds tells whether an incident belongs to the scope: one of its units must when
// units are asked for.
func (s Scope) holds(c *telemetry.Case) bool {
	if s.Category != "" && s.Category != c.Category || s.District != "" && s.District != c.District {
		return false
	}
	return !s.ofParts() || slices.ContainsFunc(c.Milestones, func(m telemetry.CaseMilestone) bool { return s.wants(m.Unit, m.Agency) })
}

// wants tells whether a unit's part is asked for.
func (s Scope) wants(unit, agency string) bool {
	return unit != "" && (s.Unit == "" || s.Unit == unit) && (s.Agency == "" || s.Agency == agency)
}

// each gives every incident of a share of the record, one after another in the same
// place.
func (r *Record) each(cases []telemetry.PackedCase, take func(*call)) error {
	var names telemetry.Unpacker
	var from telemetry.Case
	var c call
	for _, packed := range cases {
		if err := names.Unpack(packed, &from); err != nil {
			return fmt.Errorf("cannot read an incident: %w", err)
		}
		r.fill(&c, &from)
		take(&c)
	}
	return nil
}

// fill makes of a case what figures are made of.
func (r *Record) fill(c *call, from *telemetry.Case) {
	c.id, c.at, c.category, c.district = from.Incident, from.Received, from.Category, from.District
	c.reached, c.parts, c.samples = reached{}, c.parts[:0], c.samples[:0]
	for i := range from.Milestones {
		m := &from.Milestones[i]
		stage := slices.Index(stages, incident.MilestoneName(m.Name))
		if stage < 0 {
			continue
		}
		mark := markOf(m)
		if was := c.reached[stage]; !was.known || mark.at < was.at {
			c.reached[stage] = mark
		}
		if m.Unit == "" {
			continue
		}
		p := c.part(m.Unit)
		if p == nil {
			c.parts = append(c.parts, part{unit: m.Unit, agency: m.Agency})
			p = &c.parts[len(c.parts)-1]
		}
		// A unit may be sent to the same incident again; of a stage that it reached
		// twice the later one says how it stands.
		if was := p.reached[stage]; !was.known || mark.at > was.at {
			p.reached[stage] = mark
		}
	}
	for i := range from.Intervals {
		v := &from.Intervals[i]
		c.samples = append(c.samples, sample{
			unit: v.Unit, agency: v.Agency, interval: sop.IntervalName(v.Name), ended: v.Ended,
			seconds: time.Duration(v.Lasted).Seconds(), limitS: time.Duration(v.Limit).Seconds(),
			within: v.Within, contradictory: v.Contradictory, corrected: v.Corrected, superseded: v.SupersededBefore,
		})
	}
	if r.ofParts() {
		c.parts = slices.DeleteFunc(c.parts, func(p part) bool { return !r.wants(p.unit, p.agency) })
		c.samples = slices.DeleteFunc(c.samples, func(s sample) bool { return !r.wants(s.unit, s.agency) })
	}
}
