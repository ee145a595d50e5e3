package telemetry

import (
	"maps"
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// incidentPoints are the points of one incident that are live or were touched by the
// entry being taken.
type incidentPoints struct {
	id                 string
	category, district string
	received           time.Time
	facts              map[string]*fact
	touched            []string // keys of facts, in the order in which they were touched
	stray              []Point  // live points of a fact that has another
	// old are the superseded milestones by identity: their offsets follow the call too.
	old   map[string]Point
	moved bool   // the call was, in this entry
	seq   uint64 // of the last update
}

// fact is a milestone or an interval with its value.
type fact struct {
	// now is its point, but for what the incident adds to the tags of all.
	now Point
	// stored is the live point that the store has of it, nil when none.
	stored *Point
	// holders is how many times it was added more than taken away.
	holders int
	touched bool
}

// recall takes points that the store has. Those of another generation of settings do
// not hold unless an update says so again.
func (of *incidentPoints) recall(points []Point, area string, hold bool) {
	for _, p := range points {
		if p.Superseded() {
			of.old[p.Identity()] = p
			continue
		}
		key := valueKey(p)
		if f := of.facts[key]; f != nil {
			of.stray = append(of.stray, *f.stored)
			f.stored, f.now = &p, p
			of.touch(key)
			continue
		}
		f := &fact{now: p, stored: &p}
		if hold {
			f.holders = 1
		}
		of.facts[key] = f
		if !hold {
			of.touch(key)
		}
		if p.Measurement == IncidentMilestone && p.Tag("milestone") == string(incident.Received) && hold {
			of.category, of.district, of.received = p.Tag("category"), p.Tag("district"), p.Time
		}
	}
	for _, key := range of.inOrder() { // those that a write which was cut off has not reached
		if f := of.facts[key]; of.described(f.now, area).Identity() != f.stored.Identity() {
			of.touch(key)
		}
	}
}

func (of *incidentPoints) touch(key string) {
	if f := of.facts[key]; !f.touched {
		f.touched = true
		of.touched = append(of.touched, key)
	}
}

// take takes one update about the incident.
func (of *incidentPoints) take(u *incident.Update) {
	of.seq = u.Seq
	of.describe(u)
	points := Points(*u)
	for _, p := range points {
		if p.Measurement != IncidentMilestone && p.Measurement != ResponseInterval {
			continue
		}
		key := valueKey(p)
		f := of.facts[key]
		if f == nil {
			f = &fact{now: p}
			of.facts[key] = f
		}
		switch {
		case p.Superseded():
			f.holders = max(0, f.holders-1)
		case len(points) == 1 && replacesItself(u):
			f.now, f.holders = p, max(1, f.holders)
		default:
			f.now = p
			f.holders++
		}
		of.touch(key)
	}
}

// replacesItself tells whether the update gives a value that was there already other
// fields.
func replacesItself(u *incident.Update) bool {
	return u.Before != nil && u.Milestone != nil || u.BeforeInterval != nil && u.Interval != nil
}

// describe takes what every update tells of its incident. When it changed, all live
// points of the incident are written again.
func (of *incidentPoints) describe(u *incident.Update) {
	category, district := TagValue(u.Category), TagValue(u.District)
	if u.ReceivedAt.IsZero() || of.received.Equal(u.ReceivedAt) && of.category == category && of.district == district {
		return
	}
	of.moved = of.moved || !of.received.Equal(u.ReceivedAt)
	of.category, of.district, of.received = category, district, u.ReceivedAt.UTC()
	for _, key := range of.inOrder() {
		of.touch(key)
	}
}

func (of *incidentPoints) inOrder() []string {
	return slices.Sorted(maps.Keys(of.facts))
}

// settle returns what is to be written, at the end of an entry.
func (of *incidentPoints) settle(area string) []sourced {
	var out []sourced
	add := func(p Point) {
		out = append(out, sourced{p, of.seq})
		if id := p.Identity(); !p.Superseded() {
			delete(of.old, id)
		} else if p.Measurement == IncidentMilestone {
			of.old[id] = p
		}
	}
	for _, p := range of.stray {
		add(supersede(p))
	}
	of.stray = nil
	for _, key := range of.touched {
		f := of.facts[key]
		f.touched = false
		if f.holders <= 0 {
			if f.stored != nil {
				add(supersede(*f.stored))
			}
			delete(of.facts, key)
			continue
		}
		f.holders = 1
		p := of.described(f.now, area)
		add(p) // first: of a write that is cut off the store would have neither
		if f.stored != nil && f.stored.Identity() != p.Identity() {
			add(supersede(*f.stored))
		}
		f.stored = &p
	}
	of.touched = of.touched[:0]
	if of.moved {
		for _, id := range slices.Sorted(maps.Keys(of.old)) {
			add(withField(of.old[id], OffsetField, of.old[id].Time.Sub(of.received).Seconds()))
		}
		of.moved = false
	}
	return out
}

// described is the point with the tags and the offset that follow from its incident.
func (of *incidentPoints) described(p Point, area string) Point {
	p = withTag(p, areaTag, area)
	if of.received.IsZero() {
		return p
	}
	p = withTag(withTag(p, "category", of.category), "district", of.district)
	if p.Measurement == IncidentMilestone {
		p = withField(p, OffsetField, p.Time.Sub(of.received).Seconds())
	}
	return p
}

func supersede(p Point) Point { return withField(p, SupersededField, true) }

// describing are the tags that say more about a fact than which it is.
var describing = []string{"agency", areaTag, "category", "district"}

// valueKey names a fact with its value: what makes the point that point, but for the
// tags that may change without it.
func valueKey(p Point) string {
	p.Tags = slices.DeleteFunc(slices.Clone(p.Tags), func(t Tag) bool { return slices.Contains(describing, t.Key) })
	return p.Identity()
}
