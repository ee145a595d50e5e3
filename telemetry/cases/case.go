package cases

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
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
	Milestones []Milestone
	Intervals  []Interval
}

// Team is a unit as a point names it.
type Team struct{ Unit, Agency string }

// team returns the index of a point's team, which it adds when it is new.
func (c *Case) team(p telemetry.Point) int {
	t := Team{p.Tag("unit"), p.Tag("agency")}
	at := slices.Index(c.Teams, t)
	if at < 0 {
		at = len(c.Teams)
		c.Teams = append(c.Teams, t)
	}
	return at
}

// Milestone is one milestone of an incident. Times are nanoseconds since 1970.
type Milestone struct {
	Name string
	// Index is that of its name among [MilestoneNames], -1 for another; Team is that of
	// its team among those of the case.
	Index, Team int
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

// Interval is one measured interval. Times are nanoseconds.
type Interval struct {
	Name string
	// Index is that of its name among [IntervalNames], -1 for another; Team is that of
	// its team among those of the case.
	Index, Team      int
	Ended            int64 // since 1970
	Lasted           int64
	Limit            int64 // 0 where it is not judged
	Within           bool
	Contradictory    bool
	Corrected        bool
	SupersededBefore bool // a correction has replaced it
	// Unreported: the report that would have ended it never came. It is over its limit
	// and at least this long.
	Unreported bool
}

// Of gathers the milestones and intervals of one incident, in order of time;
// false when none of them says when the call came. Other points are passed over.
func Of(points []telemetry.Point) (Case, bool) {
	var c Case
	found := false
	for _, p := range points {
		if p.Measurement != telemetry.IncidentMilestone || p.Superseded() {
			continue
		}
		m := milestoneOf(p)
		m.Team = c.team(p)
		c.Milestones = append(c.Milestones, m)
		if call, is := callOf(p); is && !found {
			c.Incident, c.Category, c.District, c.Received = p.Tag("incident"), p.Tag("category"), p.Tag("district"), call
			found = true
		}
	}
	// After the milestones, whose teams come first.
	for _, p := range points {
		if p.Measurement != telemetry.ResponseInterval {
			continue
		}
		if i, ok := intervalOf(p); ok && (!i.SupersededBefore || !filedAnew(p, points)) {
			i.Team = c.team(p)
			c.Intervals = append(c.Intervals, i)
		}
	}
	return c, found
}

// uncounted are the milestones that say why an incident is in no figure. Its call is then
// superseded.
var uncounted = []string{string(incident.Merged), string(incident.Cancelled)}

// callOf is when the call came of which a milestone tells: its own time, or that from
// which a merged or cancelled incident's offset counts.
func callOf(p telemetry.Point) (time.Time, bool) {
	name := p.Tag("milestone")
	switch {
	case name == string(incident.Received):
		return p.Time, true
	case slices.Contains(uncounted, name):
		return p.Time.Add(-time.Duration(nanos(p, telemetry.OffsetField))), true
	}
	return time.Time{}, false
}

// filedAnew tells whether the same interval is live under another district or agency: then
// nothing of it was corrected.
func filedAnew(old telemetry.Point, points []telemetry.Point) bool {
	return slices.ContainsFunc(points, func(p telemetry.Point) bool {
		return p.Measurement == old.Measurement && !p.Superseded() && p.Time.Equal(old.Time) && p.Tag("interval") == old.Tag("interval") &&
			p.Tag("unit") == old.Tag("unit") && p.Field("seconds") == old.Field("seconds")
	})
}

func milestoneOf(p telemetry.Point) Milestone {
	m := Milestone{Name: p.Tag("milestone"), Evidence: p.Tag("evidence"), At: p.Time.UnixNano(), Confidence: -1}
	m.Index = slices.Index(milestoneWords, m.Name)
	m.Verdict, _ = p.Field("verdict").(string)
	clock, _ := p.Field(telemetry.ClockField).(string)
	m.ByDevice = clock == telemetry.DeviceClock
	m.KnownAfter, m.WitnessAfter = nanos(p, telemetry.KnownAfterField), nanos(p, telemetry.WitnessAfterField)
	if confidence, known := p.Field("confidence").(float64); known {
		m.Confidence = confidence
	}
	return m
}

func intervalOf(p telemetry.Point) (Interval, bool) {
	i := Interval{Name: p.Tag("interval"), Ended: p.Time.UnixNano(), SupersededBefore: p.Superseded()}
	i.Index = slices.Index(intervalWords, i.Name)
	if _, ok := p.Field("seconds").(float64); !ok {
		return i, false // not a point of ours
	}
	i.Lasted, i.Limit = nanos(p, "seconds"), nanos(p, "limit_s")
	i.Within, _ = p.Field("within").(bool)
	i.Contradictory, _ = p.Field(telemetry.ContradictoryField).(bool)
	ended, _ := p.Field(telemetry.EndedField).(string)
	i.Unreported = ended != ""
	i.Corrected, _ = p.Field(telemetry.CorrectedField).(bool)
	return i, true
}

// nanos is a field of seconds in nanoseconds, 0 without one.
func nanos(p telemetry.Point, key string) int64 {
	seconds, _ := p.Field(key).(float64)
	if seconds < 0 {
		return int64(seconds*1e9 - 0.5)
	}
	return int64(seconds*1e9 + 0.5)
}
