package analysis

import (
	"time"

	"htgateway/gateway/incident/sop"
)

// grouped are the tallies of one table.
type grouped struct {
	Table
	zone   *time.Location
	groups map[string]int
	names  []string
	rows   [][]*tally // of each group, by the place of the interval
	kinds  []sop.IntervalName

	call     *call
	ofCall   int   // the group of the incident; -1 until it is asked for
	ofTeams  []int // those of its teams, -1 until they are asked for
	ofNobody int
	day      int64 // since 1970, local, of the last call
	named    string
}

func newGrouped(t Table, zone *time.Location) *grouped {
	return &grouped{Table: t, zone: zone, groups: map[string]int{}, day: -1 << 62}
}

// begin goes on to the next incident.
func (g *grouped) begin(c *call) {
	g.call, g.ofCall, g.ofNobody, g.ofTeams = c, -1, -1, g.ofTeams[:0]
	for range c.teams {
		g.ofTeams = append(g.ofTeams, -1)
	}
}

// tally is where an interval of a team of the incident belongs, nil when it is not of
// the table; team is -1 for what belongs to no unit.
func (g *grouped) tally(team, interval int, name string) *tally {
	if g.Interval != "" && string(g.Interval) != name {
		return nil
	}
	place := &g.ofCall
	if g.By == ByAgency || g.By == ByUnit {
		if place = &g.ofNobody; team >= 0 {
			place = &g.ofTeams[team]
		}
	}
	if *place < 0 {
		*place = g.group(g.name(team))
	}
	row := g.rows[*place]
	if interval >= len(row) {
		row = append(row, make([]*tally, interval+1-len(row))...)
		g.rows[*place] = row
	}
	if row[interval] == nil {
		row[interval] = new(tally)
		g.keepName(interval, name)
	}
	return row[interval]
}

func (g *grouped) keepName(interval int, name string) {
	if interval >= len(g.kinds) {
		g.kinds = append(g.kinds, make([]sop.IntervalName, interval+1-len(g.kinds))...)
	}
	g.kinds[interval] = sop.IntervalName(name)
}

func (g *grouped) group(name string) int {
	at, known := g.groups[name]
	if !known {
		at = len(g.names)
		g.groups[name], g.names, g.rows = at, append(g.names, name), append(g.rows, nil)
	}
	return at
}

// name is the group to which the incident or one of its teams belongs.
func (g *grouped) name(team int) string {
	switch g.By {
	case ByAgency, ByUnit:
		switch {
		case team < 0:
			return ""
		case g.By == ByUnit:
			return g.call.teams[team].Unit
		}
		return g.call.teams[team].Agency
	case ByCategory:
		return g.call.category
	case ByDistrict:
		return g.call.district
	case ByNothing:
		return ""
	}
	at := g.call.at.In(g.zone)
	if g.By == ByHour {
		return hours[2*at.Hour() : 2*at.Hour()+2]
	}
	// Calls come in their order: most are of the same day as the one before.
	_, east := at.Zone()
	local := at.Unix() + int64(east)
	if day := (local - (local%secondsOfDay+secondsOfDay)%secondsOfDay) / secondsOfDay; day != g.day {
		g.day, g.named = day, dayName(g.By, at)
	}
	return g.named
}

const (
	secondsOfDay = 24 * 60 * 60
	hours        = "000102030405060708091011121314151617181920212223"
)

func dayName(by By, at time.Time) string {
	switch by {
	case ByWeekday:
		return at.Weekday().String()
	case ByMonth:
		return at.Format("2006-01")
	case ByWeek:
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
	}
	return at.Format(time.DateOnly)
}

// merge adds the tallies to those of other counters.
func (g *grouped) merge(into map[cell]*tally) {
	for group, row := range g.rows {
		for interval, t := range row {
			if t == nil {
				continue
			}
			key := cell{g.names[group], g.kinds[interval]}
			if have := into[key]; have != nil {
				have.merge(t)
			} else {
				into[key] = t
			}
		}
	}
}
