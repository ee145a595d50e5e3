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

	places []*incident.Location
	area   *geo.Area
	rule   *geo.ArrivalRule
	// stays are of the devices whose fixes are kept. learnedUpTo is the newest of these in the
	// order of knowledge.
	stays       []deviceStay
	learnedUpTo knownKey
	// passed counts the fixes that were looked at.
	passed int
	// found and foundImpossible are what the fixes that are no longer kept proved: it stands.
	// fixesForgotten is set while there are no others.
	found           []finding
	foundImpossible int
	fixesForgotten  bool

	stageRecord
	alerts map[string]incident.Alert
	raised []incident.Alert // those not emitted yet
	// recordsLeft is what was emitted about the incidents that this assignment was merged away
	// from.
	recordsLeft map[string]stageRecord
	// asked are the on-scene keys of which it was asked where they were pressed, askedFar those
	// pressed far away by fixes that are no longer kept.
	asked, askedFar []askedKey
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

func newAssignment(s assignmentSpan, unit string) *assignment {
	return &assignment{assignmentSpan: s, unit: unit, stageRecord: newStageRecord(), alerts: map[string]incident.Alert{}}
}

// clone copies the assignment; what grows is clipped, so that neither writes into the other.
func (p *assignment) clone() *assignment {
	c := *p
	c.shared = false
	c.stageRecord = p.stageRecord.clone()
	c.alerts, c.recordsLeft = maps.Clone(p.alerts), maps.Clone(p.recordsLeft)
	c.stays = slices.Clone(p.stays)
	for i := range c.stays {
		c.stays[i].checkpoints = slices.Clip(c.stays[i].checkpoints)
	}
	return &c
}

// endless is later than any event of a unit.
var endless = orderKey{At: time.Unix(1<<40, 0).UTC()}

// nearKey tells whether a fix may say where one of the assignment's on-scene keys was pressed.
func (p *assignment) nearKey(e *fixlog.Entry) bool {
	return slices.ContainsFunc(p.asked, func(k askedKey) bool {
		return k.device == e.Origin.Device && e.Own.At.Sub(k.pressed.At).Abs() <= fixSpan
	})
}

// end is the key before which all events of the assignment stand.
func (p *assignment) end() orderKey {
	if p.until.IsZero() {
		return endless
	}
	return orderKey{At: p.until}
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
