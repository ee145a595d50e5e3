package analysis

import (
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
)

// missing tells of every interval that the milestones make one expect and that
// was not measured.
func (r *Record) missing(tell func(p part, agency string, interval sop.IntervalName, why Reason)) {
	measured := map[part]map[sop.IntervalName]bool{}
	known := map[sop.IntervalName]bool{}
	for _, s := range r.samples {
		if measured[s.part] == nil {
			measured[s.part] = map[sop.IntervalName]bool{}
		}
		measured[s.part][s.interval] = true
		known[s.interval] = true
	}
	for _, d := range Definitions() {
		// An SOP clock is expected only where the period knows it: a limit can
		// be switched off.
		if d.end == "" || d.SOP && !known[d.Interval] {
			continue
		}
		if d.PerUnit {
			for p, way := range r.parts {
				if way.reached[incident.Dispatched] && !measured[p][d.Interval] {
					tell(p, way.agency, d.Interval, why(d, way.reached, r.calls[p.incident]))
				}
			}
			continue
		}
		for id, c := range r.calls {
			if p := (part{id, ""}); !measured[p][d.Interval] {
				tell(p, "", d.Interval, why(d, c.reached, c))
			}
		}
	}
}

// stages in the order in which they are reached; any may be skipped.
var stages = []incident.MilestoneName{
	incident.Received, incident.Dispatched, incident.Acknowledged, incident.EnRoute,
	incident.OnScene, incident.InProgress, incident.Completed, incident.Closed,
}

// why says why an expected interval was not measured. Its end can still come
// while the incident is open and nothing later has been reached.
func why(d Definition, reached map[incident.MilestoneName]bool, c *call) Reason {
	passed := c.reached[incident.Closed]
	for _, name := range stages[slices.Index(stages, d.end):] {
		passed = passed || reached[name]
	}
	switch {
	case !passed:
		return StillOpen
	case !reached[d.start] && d.start != incident.Received:
		return NoStart
	}
	return NoEnd
}
