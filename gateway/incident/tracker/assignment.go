package tracker

import (
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// assignment is a unit's time on one incident, with what the unit's keys and fixes say about
// it.
type assignment struct {
	assignmentSpan
	unit string
	// shared is set when a checkpoint has this assignment too: it is then copied before it
	// changes.
	shared bool

	places          []*incident.Location
	area            *geo.Area
	rule            *geo.ArrivalRule
	stay            geo.Stay
	fedUpTo         orderKey // the own time of the fix that was judged last
	stayCheckpoints []stayCheckpoint
	// sinceStayCheckpoint counts the fixes since the last of stayCheckpoints.
	sinceStayCheckpoint int
	// fixesForgotten is set when the fixes are no longer kept: what they proved stands.
	fixesForgotten bool

	stageRecord
	alerts map[string]incident.Alert
	raised []incident.Alert // those not emitted yet
	// recordsLeft is what was emitted about the incidents that this assignment was merged away
	// from.
	recordsLeft map[string]stageRecord
	// keyAt is when the on-scene key was pressed that the arrival rests on.
	keyAt time.Time
	// proof is the fix that the arrival by geofence is dated from.
	proof proof
}

// proof is what must be known of a fix that proved something, also when the fix itself is
// dropped.
type proof struct {
	own    orderKey
	origin *fixlog.Origin
}

// stageRecord is what is known of an assignment's stages, as a reader of the updates has it.
type stageRecord struct {
	current map[incident.MilestoneName]*incident.Milestone
	// progress repeats, so it is a list by own time.
	progress []incident.Milestone
	// withdrawn are stages that are no longer believed to have been reached.
	withdrawn map[incident.MilestoneName]*incident.Milestone
}

func newStageRecord() stageRecord {
	return stageRecord{current: map[incident.MilestoneName]*incident.Milestone{}, withdrawn: map[incident.MilestoneName]*incident.Milestone{}}
}

func (r stageRecord) clone() stageRecord {
	return stageRecord{maps.Clone(r.current), r.progress, maps.Clone(r.withdrawn)}
}

// stayCheckpoint is the judgement of the stay as it was after the fix at own.
type stayCheckpoint struct {
	own  orderKey
	stay geo.Stay
}

// stayCheckpointEvery is after how many fixes a copy of the judgement is made, so that a late
// fix makes few of them be judged again.
const stayCheckpointEvery = 256

func newAssignment(s assignmentSpan, unit string) *assignment {
	return &assignment{assignmentSpan: s, unit: unit, stageRecord: newStageRecord(), alerts: map[string]incident.Alert{}}
}

// clone copies the assignment; what grows is clipped, so that neither writes into the other.
func (p *assignment) clone() *assignment {
	c := *p
	c.shared = false
	c.stageRecord = p.stageRecord.clone()
	c.alerts, c.recordsLeft = maps.Clone(p.alerts), maps.Clone(p.recordsLeft)
	c.stayCheckpoints = slices.Clip(p.stayCheckpoints)
	return &c
}

// endless is later than any event of a unit.
var endless = orderKey{At: time.Unix(1<<40, 0).UTC()}

// end is the key before which all events of the assignment stand.
func (p *assignment) end() orderKey {
	if p.until.IsZero() {
		return endless
	}
	return orderKey{At: p.until}
}

// last is the newest of a unit's fixes that belongs to the assignment, nil when none does.
func (p *assignment) last(fixes *fixlog.Log) *fixlog.Entry {
	for e := range fixes.Before(p.end()) {
		if e.Own.At.Before(p.from) {
			break
		}
		return e
	}
	return nil
}

// judgeAt sets the places by which arrivals are judged. When they are others than before, all
// fixes of the assignment are judged again.
func (p *assignment) judgeAt(rule *geo.ArrivalRule, places []*incident.Location, fixes *fixlog.Log) {
	if slices.Equal(p.places, places) {
		return
	}
	p.places = places
	if p.fixesForgotten {
		return
	}
	p.area, p.stayCheckpoints, p.fedUpTo, p.stay = nil, nil, orderKey{}, geo.Stay{}
	if area := areaOf(places, rule.RadiusM); !area.IsZero() {
		p.area, p.rule = &area, rule
		p.rejudgeFrom(fixes, orderKey{})
	}
}

func areaOf(places []*incident.Location, radiusM float64) geo.Area {
	var area geo.Area
	for _, l := range places {
		if !l.Vague(radiusM) {
			area = area.Or(l.ArrivalArea(radiusM))
		}
	}
	return area
}

// judgeFix judges a fix that has just been added to the unit's fixes.
func (p *assignment) judgeFix(fixes *fixlog.Log, e *fixlog.Entry) {
	if p.area == nil || p.fixesForgotten && e.Own.Compare(p.fedUpTo) < 0 {
		return
	}
	if p.fedUpTo.Compare(e.Own) < 0 {
		p.feed(e, fixes, orderKey{})
		return
	}
	p.rejudgeFrom(fixes, e.Own)
}

// rejudgeEnds judges again the fixes that a change of the assignment's ends includes or
// excludes.
func (p *assignment) rejudgeEnds(fixes *fixlog.Log) {
	if p.area == nil || p.fixesForgotten {
		return
	}
	if last := p.last(fixes); last == nil && p.fedUpTo == (orderKey{}) || last != nil && last.Own == p.fedUpTo {
		return
	}
	if p.until.IsZero() || !p.fedUpTo.At.Before(p.until) {
		since := p.fedUpTo
		if !p.until.IsZero() {
			since = orderKey{At: p.until}
		}
		p.rejudgeFrom(fixes, since)
		return
	}
	p.rejudgeFrom(fixes, p.fedUpTo)
}

// rejudgeFrom judges again from the fix at since on, and stops where the judgement is the same
// as it was before.
func (p *assignment) rejudgeFrom(fixes *fixlog.Log, since orderKey) {
	n, _ := slices.BinarySearchFunc(p.stayCheckpoints, since, func(c stayCheckpoint, m orderKey) int { return c.own.Compare(m) })
	old, fed, end := p.stayCheckpoints[n:], p.fedUpTo, p.stay
	p.stayCheckpoints = slices.Clip(p.stayCheckpoints[:n])
	p.stay, p.fedUpTo, p.sinceStayCheckpoint = geo.NewStay(p.rule, p.area), orderKey{}, 0
	if n > 0 {
		p.stay, p.fedUpTo = p.stayCheckpoints[n-1].stay, p.stayCheckpoints[n-1].own
	}
	first, until, last := orderKey{At: p.from}, p.end().At, p.last(fixes)
	from := first
	if next := p.fedUpTo.Next(); from.Compare(next) < 0 {
		from = next
	}
	for e := range fixes.From(from) {
		if !e.Own.At.Before(until) {
			break
		}
		p.feed(e, fixes, first)
		if e.Own.Compare(since) < 0 {
			continue
		}
		for len(old) > 0 && old[0].own.Compare(e.Own) < 0 {
			old = old[1:]
		}
		if len(old) > 0 && old[0].own == e.Own && p.stay.Converges(&old[0].stay) && fed == last.Own {
			for _, c := range old {
				if c.own != e.Own {
					p.stayCheckpoints = append(p.stayCheckpoints, stayCheckpoint{c.own, p.stay.Rejoin(c.stay)})
				}
			}
			p.stay, p.fedUpTo = p.stay.Rejoin(end), fed
			return
		}
	}
}

// feed judges one fix, the next by its own time, which may confirm an earlier one from first
// on.
func (p *assignment) feed(e *fixlog.Entry, fixes *fixlog.Log, first orderKey) {
	why, confirmed := p.stay.Feed(e.Fix, e.Own.At, e.Own.ID)
	p.fedUpTo = e.Own
	fixes.Judge(e, why)
	if confirmed {
		fixes.Confirm(first, e.Own)
	}
	if p.sinceStayCheckpoint++; p.sinceStayCheckpoint >= stayCheckpointEvery {
		p.stayCheckpoints, p.sinceStayCheckpoint = append(p.stayCheckpoints, stayCheckpoint{e.Own, p.stay}), 0
	}
}

// first returns the earliest key with a meaning in the assignment, at or after a time.
func (p *assignment) first(keys []observation, status devices.Status, notBefore time.Time) observation {
	for _, k := range keys {
		if k.pressed(status) && !k.Own.At.Before(notBefore) {
			return k
		}
	}
	return observation{}
}

// keysOf is the range of a unit's acts and keys in the assignment.
func (p *assignment) keysOf(line []observation) []observation {
	from, _ := slices.BinarySearchFunc(line, orderKey{At: p.from}, byOwn)
	to, _ := slices.BinarySearchFunc(line, p.end(), byOwn)
	return line[from:max(from, to)]
}

// sortedAlerts lists the alerts in order of time and report.
func (p *assignment) sortedAlerts() []incident.Alert {
	return slices.SortedFunc(maps.Values(p.alerts), byTime)
}

func byTime(x, y incident.Alert) int {
	if c := keyAt(x.At, x.Report).Compare(keyAt(y.At, y.Report)); c != 0 {
		return c
	}
	return strings.Compare(x.Kind+" "+x.Unit, y.Kind+" "+y.Unit)
}
