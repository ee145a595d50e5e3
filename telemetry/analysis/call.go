package analysis

import (
	"fmt"
	"slices"
	"time"

	"htgateway/telemetry/cases"
)

// call is one incident as figures are made of it.
type call struct {
	id                 string
	at                 time.Time
	category, district string
	reached            reached // by any unit, each the earliest
	parts              []part
	teams              []cases.Team
	samples            []cases.Interval
	// ofParts: only the parts and samples of some units are here.
	ofParts bool

	// sameUnit is, of each team, the first one with its unit: an agency may have been
	// renamed meanwhile. noUnit is that of what belongs to no unit, -1 for none.
	sameUnit []int
	noUnit   int
	partOf   []int // of each team, the place of its unit's part, -1 for none
	// lastEnd is when an interval ended last, for each first team and definition.
	lastEnd []int64
	// unreported tells, in the same order, that the last one was over its limit and never
	// ended by a report.
	unreported []bool
}

// uncounted tells that the incident was a duplicate, or none at all.
func (c *call) uncounted() bool { return c.reached.has(stageMerged) || c.reached.has(stageCancelled) }

// part is one unit's share in an incident.
type part struct {
	unit, agency string
	// team is the first one with its unit, named the one whose agency it has.
	team, named int
	reached     reached
}

// unpacking makes calls of packed cases, one after another in the same place.
type unpacking struct {
	scope Scope
	names cases.Unpacker
	from  cases.Case
	c     call
}

// call returns the next one, nil when it is not of the scope.
func (u *unpacking) call(packed cases.Packed) (*call, error) {
	if err := u.names.Unpack(packed, &u.from); err != nil {
		return nil, fmt.Errorf("cannot read an incident: %w", err)
	}
	if u.scope.narrows() && !u.scope.holds(&u.from) {
		return nil, nil
	}
	c := &u.c
	c.id, c.at, c.category, c.district = u.from.Incident, u.from.Received, u.from.Category, u.from.District
	c.teams, c.samples, c.ofParts = u.from.Teams, u.from.Intervals, u.scope.ofParts()
	c.pairTeams()
	c.reach(u.from.Milestones)
	if c.ofParts {
		c.narrow(u.scope)
	}
	c.findLastEnds()
	return c, nil
}

func (c *call) pairTeams() {
	c.sameUnit, c.partOf, c.noUnit = c.sameUnit[:0], c.partOf[:0], -1
	for i, t := range c.teams {
		same := 0
		for c.teams[same].Unit != t.Unit {
			same++
		}
		c.sameUnit, c.partOf = append(c.sameUnit, same), append(c.partOf, -1)
		if t.Unit == "" && c.noUnit < 0 {
			c.noUnit = i
		}
	}
}

// reach puts milestones to their stages.
func (c *call) reach(milestones []cases.Milestone) {
	c.reached, c.parts = reached{}, c.parts[:0]
	for i := range milestones {
		m := &milestones[i]
		if m.Index < 0 || stagesPacked[m.Index] < 0 {
			continue
		}
		stage, reachedAt := stagesPacked[m.Index], markOf(m)
		if was := &c.reached[stage]; !was.known || m.At < was.at {
			*was = reachedAt
		}
		team := c.sameUnit[m.Team]
		if c.teams[team].Unit == "" {
			continue
		}
		if c.partOf[team] < 0 {
			c.partOf[team] = len(c.parts)
			c.parts = append(c.parts, part{unit: c.teams[m.Team].Unit, agency: c.teams[m.Team].Agency, team: team, named: m.Team})
		}
		// A unit may be sent to the same incident again; of a stage that it reached
		// twice the later one says how it stands.
		if was := &c.parts[c.partOf[team]].reached[stage]; !was.known || m.At > was.at {
			*was = reachedAt
		}
	}
	for i, same := range c.sameUnit {
		c.partOf[i] = c.partOf[same]
	}
}

// narrow leaves only what belongs to the units of a scope.
func (c *call) narrow(s Scope) {
	c.parts = slices.DeleteFunc(c.parts, func(p part) bool { return !s.wants(cases.Team{Unit: p.unit, Agency: p.agency}) })
	c.samples = slices.DeleteFunc(c.samples, func(i cases.Interval) bool { return !s.wants(c.teams[i.Team]) })
	for i, same := range c.sameUnit {
		c.partOf[i] = slices.IndexFunc(c.parts, func(p part) bool { return p.team == same })
	}
}

func (c *call) findLastEnds() {
	c.lastEnd = append(c.lastEnd[:0], make([]int64, len(c.teams)*len(definitions))...)
	c.unreported = append(c.unreported[:0], make([]bool, len(c.teams)*len(definitions))...)
	for i := range c.samples {
		s := &c.samples[i]
		if at := definedAt(s); at >= 0 && !s.SupersededBefore {
			place := c.sameUnit[s.Team]*len(definitions) + at
			if s.Ended >= c.lastEnd[place] {
				c.lastEnd[place], c.unreported[place] = s.Ended, s.Unreported
			}
		}
	}
}

// measured is when an interval of a unit's first team ended last, in nanoseconds
// since 1970; 0 when it never did.
func (c *call) measured(team, interval int) int64 {
	if team < 0 {
		return 0
	}
	return c.lastEnd[team*len(definitions)+interval]
}

// wasUnreported tells that the last interval of a unit's first team was over its limit
// and never ended by a report.
func (c *call) wasUnreported(team, interval int) bool {
	return team >= 0 && c.unreported[team*len(definitions)+interval]
}
