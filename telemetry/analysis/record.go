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

// Record is what is known of the incidents of a period.
type Record struct {
	// From is included, To is not; zero times are open ends.
	From, To time.Time

	calls   map[string]*call
	parts   map[part]*progress
	samples []sample
}

// call is one incident of the period.
type call struct {
	at                 time.Time
	category, district string
	reached            map[incident.MilestoneName]bool // by any unit
}

// part is one unit's share in an incident.
type part struct{ incident, unit string }

type progress struct {
	agency  string
	reached map[incident.MilestoneName]bool
}

// sample is one measured interval.
type sample struct {
	part
	agency        string
	interval      sop.IntervalName
	seconds       float64
	limitS        float64
	within        bool
	contradictory bool
}

// before is how long before the call a milestone may stand that belongs to it:
// clocks disagree, and people correct.
const before = 24 * time.Hour

// Read gathers the incidents whose call was received in the period.
func Read(ctx context.Context, source Source, from, to time.Time) (*Record, error) {
	r := NewRecord(from, to)
	var since time.Time
	if !from.IsZero() {
		since = from.Add(-before)
	}
	for _, q := range []telemetry.Query{
		{Measurement: telemetry.IncidentMilestone, From: from, To: to, Tags: map[string]string{"milestone": string(incident.Received)}},
		{Measurement: telemetry.IncidentMilestone, From: since},
		{Measurement: telemetry.ResponseInterval, From: since},
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
	return r, nil
}

// NewRecord returns a record of a period without incidents.
func NewRecord(from, to time.Time) *Record {
	return &Record{From: from, To: to, calls: map[string]*call{}, parts: map[part]*progress{}}
}

// Add takes one point: first the calls, in any order, then everything else.
// What belongs to no call of the period, and what is superseded, is passed over.
func (r *Record) Add(p telemetry.Point) {
	if p.Superseded() {
		return
	}
	switch p.Measurement {
	case telemetry.IncidentMilestone:
		r.addMilestone(p)
	case telemetry.ResponseInterval:
		r.addInterval(p)
	}
}

func (r *Record) addMilestone(p telemetry.Point) {
	id, name := p.Tag("incident"), incident.MilestoneName(p.Tag("milestone"))
	inPeriod := !p.Time.Before(r.From) && (r.To.IsZero() || p.Time.Before(r.To))
	c := r.calls[id]
	if name == incident.Received && c == nil && inPeriod {
		c = &call{at: p.Time, category: p.Tag("category"), district: p.Tag("district"), reached: map[incident.MilestoneName]bool{}}
		r.calls[id] = c
	}
	if c == nil {
		return
	}
	c.reached[name] = true
	unit := p.Tag("unit")
	if unit == "" {
		return
	}
	key := part{id, unit}
	if r.parts[key] == nil {
		r.parts[key] = &progress{agency: p.Tag("agency"), reached: map[incident.MilestoneName]bool{}}
	}
	r.parts[key].reached[name] = true
}

func (r *Record) addInterval(p telemetry.Point) {
	if r.calls[p.Tag("incident")] == nil {
		return
	}
	s := sample{
		part: part{p.Tag("incident"), p.Tag("unit")}, agency: p.Tag("agency"),
		interval: sop.IntervalName(p.Tag("interval")),
	}
	var ok bool
	if s.seconds, ok = p.Field("seconds").(float64); !ok {
		return // not a point of ours
	}
	s.limitS, _ = p.Field("limit_s").(float64)
	s.within, _ = p.Field("within").(bool)
	s.contradictory, _ = p.Field(telemetry.ContradictoryField).(bool)
	r.samples = append(r.samples, s)
}
