package telemetry

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
)

// Case is what the points of one incident say, gathered: what response times are
// made of. It is derived from the points and never says more than they do.
type Case struct {
	Incident, Category, District string
	// Received is when the call came, UTC.
	Received time.Time
	// Teams are the units that something of it belongs to, each with its agency; what
	// belongs to none has a team without names.
	Teams []Team
	// Milestones are those that are not superseded, Intervals all, each in order of
	// time.
	Milestones []CaseMilestone
	Intervals  []CaseInterval
}

// Team is a unit as a point names it.
type Team struct{ Unit, Agency string }

// team returns the place of a point's team, which it adds when it is new.
func (c *Case) team(p Point) int {
	t := Team{p.Tag("unit"), p.Tag("agency")}
	at := slices.Index(c.Teams, t)
	if at < 0 {
		at = len(c.Teams)
		c.Teams = append(c.Teams, t)
	}
	return at
}

// CaseMilestone is one milestone of an incident. Times are nanoseconds since 1970.
type CaseMilestone struct {
	Name string
	// Place is that of its name among [MilestoneNames], -1 for another; Team is that of
	// its team among those of the case.
	Place, Team int
	At          int64
	Evidence    string
	Verdict     string
	ByDevice    bool // its time is by the device's clock
	// KnownAfter is how long after it the gateway learned of it, WitnessAfter when its
	// second witness came, in nanoseconds.
	KnownAfter, WitnessAfter int64
	// Confidence is from 0 to 1; negative when the point says nothing.
	Confidence float64
}

// CaseInterval is one measured interval. Times are nanoseconds.
type CaseInterval struct {
	Name string
	// Place is that of its name among [IntervalNames], -1 for another; Team is that of
	// its team among those of the case.
	Place, Team      int
	Ended            int64 // since 1970
	Lasted           int64
	Limit            int64 // 0 where it is not judged
	Within           bool
	Contradictory    bool
	Corrected        bool
	SupersededBefore bool // a correction has replaced it
}

// CaseOf gathers the milestones and intervals of one incident, in order of time;
// false when none of them is the call. Other points are passed over.
func CaseOf(points []Point) (Case, bool) {
	var c Case
	found := false
	for _, p := range points {
		if p.Measurement != IncidentMilestone || p.Superseded() {
			continue
		}
		m := caseMilestone(p)
		m.Team = c.team(p)
		c.Milestones = append(c.Milestones, m)
		if m.Name == string(incident.Received) && !found {
			c.Incident, c.Category, c.District, c.Received = p.Tag("incident"), p.Tag("category"), p.Tag("district"), p.Time
			found = true
		}
	}
	// After the milestones, whose teams come first.
	for _, p := range points {
		if p.Measurement != ResponseInterval {
			continue
		}
		if i, ok := caseInterval(p); ok {
			i.Team = c.team(p)
			c.Intervals = append(c.Intervals, i)
		}
	}
	return c, found
}

func caseMilestone(p Point) CaseMilestone {
	m := CaseMilestone{Name: p.Tag("milestone"), Evidence: p.Tag("evidence"), At: p.Time.UnixNano(), Confidence: -1}
	m.Place = slices.Index(milestoneWords, m.Name)
	m.Verdict, _ = p.Field("verdict").(string)
	clock, _ := p.Field(ClockField).(string)
	m.ByDevice = clock == DeviceClock
	m.KnownAfter, m.WitnessAfter = p.nanos(KnownAfterField), p.nanos(WitnessAfterField)
	if confidence, told := p.Field("confidence").(float64); told {
		m.Confidence = confidence
	}
	return m
}

func caseInterval(p Point) (CaseInterval, bool) {
	i := CaseInterval{Name: p.Tag("interval"), Ended: p.Time.UnixNano(), SupersededBefore: p.Superseded()}
	i.Place = slices.Index(intervalWords, i.Name)
	if _, ok := p.Field("seconds").(float64); !ok {
		return i, false // not a point of ours
	}
	i.Lasted, i.Limit = p.nanos("seconds"), p.nanos("limit_s")
	i.Within, _ = p.Field("within").(bool)
	i.Contradictory, _ = p.Field(ContradictoryField).(bool)
	i.Corrected, _ = p.Field(CorrectedField).(bool)
	return i, true
}

// nanos is a field of seconds in nanoseconds, 0 without one.
func (p Point) nanos(key string) int64 {
	seconds, _ := p.Field(key).(float64)
	if seconds < 0 {
		return int64(seconds*1e9 - 0.5)
	}
	return int64(seconds*1e9 + 0.5)
}

// CaseQuery selects incidents by the time of their call, From included, To not;
// zero times are open ends, an empty Incident is any.
type CaseQuery struct {
	From, To time.Time
	Incident string
}

// Holds tells whether the query selects an incident whose call this is.
func (q CaseQuery) Holds(incident string, call time.Time) bool {
	return !call.Before(q.From) && (q.To.IsZero() || call.Before(q.To)) && (q.Incident == "" || q.Incident == incident)
}

// Source is where points are read from.
type Source interface {
	Points(ctx context.Context, q Query) iter.Seq2[Point, error]
}

// CaseSource is a store that keeps the cases beside its points. A packed case is
// good until the next one.
type CaseSource interface {
	Cases(ctx context.Context, q CaseQuery) iter.Seq2[PackedCase, error]
}

// callEarlier is how long before its call a milestone may stand that belongs to an
// incident: clocks disagree, and people correct.
const callEarlier = 24 * time.Hour

// Cases yields the selected cases in order of their calls: as the store keeps them,
// or gathered from its points.
func Cases(ctx context.Context, source Source, q CaseQuery) iter.Seq2[PackedCase, error] {
	if kept, keeps := source.(CaseSource); keeps {
		return kept.Cases(ctx, q)
	}
	return func(yield func(PackedCase, error) bool) {
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
func gather(ctx context.Context, source Source, q CaseQuery) ([]Case, error) {
	tags := map[string]string{}
	if q.Incident != "" {
		tags["incident"] = q.Incident
	}
	calls := map[string]string{"milestone": string(incident.Received)}
	for k, v := range tags {
		calls[k] = v
	}
	points := map[string][]Point{}
	for p, err := range source.Points(ctx, Query{Measurement: IncidentMilestone, From: q.From, To: q.To, Tags: calls}) {
		if err != nil {
			return nil, err
		}
		points[p.Tag("incident")] = nil
	}
	if len(points) == 0 {
		return nil, nil
	}
	since := q.From
	if !since.IsZero() {
		since = since.Add(-callEarlier)
	}
	for _, m := range []string{IncidentMilestone, ResponseInterval} {
		for p, err := range source.Points(ctx, Query{Measurement: m, From: since, Tags: tags, Superseded: m == ResponseInterval}) {
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
		if c, found := CaseOf(of); found && q.Holds(c.Incident, c.Received) {
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
