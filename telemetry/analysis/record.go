package analysis

import (
	"context"
	"fmt"
	"iter"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
	"htgateway/telemetry"
)

// Source is where points are read from.
type Source interface {
	Points(ctx context.Context, q telemetry.Query) iter.Seq2[telemetry.Point, error]
}

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

// Record is what is known of the incidents of a scope.
type Record struct {
	Scope

	calls   map[string]*call
	parts   map[part]*progress
	samples []sample
	defined map[sop.IntervalName]Definition
}

// call is one incident of the period.
type call struct {
	id                 string
	at                 time.Time
	category, district string
	reached            reached // by any unit, each the earliest
}

// part is one unit's share in an incident.
type part struct{ incident, unit string }

type progress struct {
	agency  string
	reached reached
}

// sample is one measured interval, or an old value of one.
type sample struct {
	part
	agency   string
	interval sop.IntervalName
	ended    int64 // nanoseconds since 1970
	seconds  float64
	limitS   float64

	within, contradictory, corrected, superseded bool
}

// before is how long before the call a milestone may stand that belongs to it:
// clocks disagree, and people correct.
const before = 24 * time.Hour

// Read gathers the incidents of a scope.
func Read(ctx context.Context, source Source, s Scope) (*Record, error) {
	r := NewRecord(s)
	var since time.Time
	if !s.From.IsZero() {
		since = s.From.Add(-before)
	}
	only := func(tags ...string) map[string]string {
		out := map[string]string{}
		for i := 0; i < len(tags); i += 2 {
			if tags[i+1] != "" {
				out[tags[i]] = tags[i+1]
			}
		}
		return out
	}
	for _, q := range []telemetry.Query{
		{Measurement: telemetry.IncidentMilestone, From: s.From, To: s.To, Tags: only("milestone", string(incident.Received), "incident", s.Incident)},
		{Measurement: telemetry.IncidentMilestone, From: since, Tags: only("incident", s.Incident)},
		{Measurement: telemetry.ResponseInterval, From: since, Tags: only("incident", s.Incident), Superseded: true},
	} {
		for p, err := range source.Points(ctx, q) {
			if err != nil {
				return nil, fmt.Errorf("cannot read %s: %w", q.Measurement, err)
			}
			r.Add(p)
		}
		if len(r.calls) == 0 {
			break
		}
	}
	r.narrow()
	return r, nil
}

// NewRecord returns a record of a scope without incidents.
func NewRecord(s Scope) *Record {
	r := &Record{Scope: s, calls: map[string]*call{}, parts: map[part]*progress{}, defined: map[sop.IntervalName]Definition{}}
	for _, d := range Definitions() {
		r.defined[d.Interval] = d
	}
	return r
}

// Add takes one point: first the calls, in any order, then everything else.
// What belongs to no call of the scope is passed over.
func (r *Record) Add(p telemetry.Point) {
	switch p.Measurement {
	case telemetry.IncidentMilestone:
		if !p.Superseded() {
			r.addMilestone(p)
		}
	case telemetry.ResponseInterval:
		r.addInterval(p)
	}
}

// holds tells whether an incident whose call this is belongs to the scope.
func (s Scope) holds(p telemetry.Point) bool {
	return !p.Time.Before(s.From) && (s.To.IsZero() || p.Time.Before(s.To)) &&
		(s.Category == "" || s.Category == p.Tag("category")) &&
		(s.District == "" || s.District == p.Tag("district")) &&
		(s.Incident == "" || s.Incident == p.Tag("incident"))
}

func (r *Record) addMilestone(p telemetry.Point) {
	id, name := p.Tag("incident"), incident.MilestoneName(p.Tag("milestone"))
	c := r.calls[id]
	if name == incident.Received && c == nil && r.holds(p) {
		c = &call{id: id, at: p.Time, category: p.Tag("category"), district: p.Tag("district")}
		r.calls[id] = c
	}
	if c == nil {
		return
	}
	m := markOf(p)
	if was := c.reached.at(name); !was.known || m.at < was.at {
		c.reached.set(name, m)
	}
	unit := p.Tag("unit")
	if unit == "" {
		return
	}
	key := part{c.id, unit}
	if r.parts[key] == nil {
		r.parts[key] = &progress{agency: p.Tag("agency")}
	}
	// A unit may be sent to the same incident again; of a stage that it reached
	// twice the later one says how it stands.
	if was := r.parts[key].reached.at(name); !was.known || m.at > was.at {
		r.parts[key].reached.set(name, m)
	}
}

func (r *Record) addInterval(p telemetry.Point) {
	c := r.calls[p.Tag("incident")]
	if c == nil {
		return
	}
	s := sample{
		part: part{c.id, p.Tag("unit")}, agency: p.Tag("agency"),
		interval: sop.IntervalName(p.Tag("interval")), ended: p.Time.UnixNano(), superseded: p.Superseded(),
	}
	var ok bool
	if s.seconds, ok = p.Field("seconds").(float64); !ok {
		return // not a point of ours
	}
	s.limitS, _ = p.Field("limit_s").(float64)
	s.within, _ = p.Field("within").(bool)
	s.contradictory, _ = p.Field(telemetry.ContradictoryField).(bool)
	s.corrected, _ = p.Field(telemetry.CorrectedField).(bool)
	r.samples = append(r.samples, s)
}

// narrow leaves the parts that the scope asks for, and the incidents that have one.
func (r *Record) narrow() {
	if !r.ofParts() {
		return
	}
	wanted := func(unit, agency string) bool {
		return unit != "" && (r.Unit == "" || r.Unit == unit) && (r.Agency == "" || r.Agency == agency)
	}
	involved := map[string]bool{}
	for p, way := range r.parts {
		if wanted(p.unit, way.agency) {
			involved[p.incident] = true
		} else {
			delete(r.parts, p)
		}
	}
	for id := range r.calls {
		if !involved[id] {
			delete(r.calls, id)
		}
	}
	kept := r.samples[:0]
	for _, s := range r.samples {
		if wanted(s.unit, s.agency) {
			kept = append(kept, s)
		}
	}
	r.samples = kept
}
