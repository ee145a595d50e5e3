package cases

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
)

// Query selects incidents by the time of their call, From included, To not;
// zero times are open ends, an empty Incident is any.
type Query struct {
	From, To time.Time
	Incident string
}

// Holds tells whether the query selects an incident whose call this is.
func (q Query) Holds(incident string, call time.Time) bool {
	return !call.Before(q.From) && (q.To.IsZero() || call.Before(q.To)) && (q.Incident == "" || q.Incident == incident)
}

// Keeper is a store that keeps the cases beside its points. A packed case is valid
// until the next one.
type Keeper interface {
	Cases(ctx context.Context, q Query) iter.Seq2[Packed, error]
}

// callEarlier is how long before its call a milestone may stand that belongs to an
// incident: clocks disagree, and people correct.
const callEarlier = 24 * time.Hour

// Read yields the selected cases in order of their calls: as the store keeps them, or
// gathered from its points.
func Read(ctx context.Context, source telemetry.Source, q Query) iter.Seq2[Packed, error] {
	if kept, keeps := source.(Keeper); keeps {
		return kept.Cases(ctx, q)
	}
	return func(yield func(Packed, error) bool) {
		cases, err := gather(ctx, source, q)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, c := range cases {
			if !yield(c.Pack(), nil) {
				return
			}
		}
	}
}

// gather reads the calls of a period, and then everything about them.
func gather(ctx context.Context, source telemetry.Source, q Query) ([]Case, error) {
	tags := map[string]string{}
	if q.Incident != "" {
		tags["incident"] = q.Incident
	}
	points := map[string][]telemetry.Point{}
	for _, name := range append([]string{string(incident.Received)}, uncounted...) {
		calls := maps.Clone(tags)
		calls["milestone"] = name
		to := q.To
		if name != string(incident.Received) {
			to = time.Time{} // it may have been merged much later
		}
		for p, err := range source.Points(ctx, telemetry.Query{Measurement: telemetry.IncidentMilestone, From: q.From, To: to, Tags: calls}) {
			if err != nil {
				return nil, err
			}
			if call, _ := callOf(p); q.Holds(p.Tag("incident"), call) {
				points[p.Tag("incident")] = nil
			}
		}
	}
	if len(points) == 0 {
		return nil, nil
	}
	since := q.From
	if !since.IsZero() {
		since = since.Add(-callEarlier)
	}
	for _, m := range []string{telemetry.IncidentMilestone, telemetry.ResponseInterval} {
		for p, err := range source.Points(ctx, telemetry.Query{Measurement: m, From: since, Tags: tags, Superseded: m == telemetry.ResponseInterval}) {
			if err != nil {
				return nil, err
			}
			if id := p.Tag("incident"); id != "" {
				if _, wanted := points[id]; wanted {
					points[id] = append(points[id], p)
				}
			}
		}
	}
	var out []Case
	for _, of := range points {
		if c, found := Of(of); found && q.Holds(c.Incident, c.Received) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Case) int {
		if by := a.Received.Compare(b.Received); by != 0 {
			return by
		}
		return strings.Compare(a.Incident, b.Incident)
	})
	return out, nil
}
