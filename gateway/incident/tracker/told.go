package tracker

import (
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// told is one event of a unit: a pressed key, a fix, words or an act. It has a
// place in the order in which the gateway learned of it and one by its own time.
type told struct {
	known mark
	own   mark

	act *incident.Act
	// origin is nil for an act.
	origin *origin
	// said is nil but for a key, words or an alarm. Most of what is kept are fixes, and
	// they are many: what they do not need is not in them.
	said *said
	fix  *geo.Fix
	// why the fix was left out of the judgement, as far as is known. It is the one thing
	// that changes of a fix after it was taken.
	why geo.Exclusion
	// aside is set when no watch is asked about the fix: why says for what.
	aside bool
	// doubted is set when the device's time was not believed; why says for what.
	doubted bool
	on      bool // the radio says that it was just switched on

	// incident is the one that the event was found to belong to.
	incident string
}

// said is what somebody pressed or wrote.
type said struct {
	// stamp is when, as its clock tells; the event's own time is where it stands among
	// others, which may be later within the second (see ownTime).
	stamp  time.Time
	status devices.Status // empty when no key was pressed
	code   string
	text   string
	// cries are what the report itself makes the dispatcher look at.
	cries []cry
}

// origin is the way by which reports come; one value for all that come alike.
type origin struct {
	device    devices.Identity
	assurance devices.Assurance
	protocol  devices.Protocol
	link      string
	clock     string // whose time it is
	// away is set when the gateway of an edge site received it: when it was known says
	// nothing of when it was sent.
	away bool
}

// emergency is the kind of a cry for help.
const emergency = "emergency"

// cry is an alert that a report raises by itself.
type cry struct{ kind, text string }

// at is when the event was, as its own clock told.
func (e *told) at() time.Time {
	if e.said != nil {
		return e.said.stamp
	}
	return e.own.at
}

// when is the event's time and report, to be told.
func (e *told) when() mark { return mark{e.at(), e.own.id} }

func (e *told) isFix() bool { return e.act == nil && e.said == nil }

// pressed tells whether the event is the key with this meaning.
func (e *told) pressed(status devices.Status) bool { return e.said != nil && e.said.status == status }

// milestone makes a stage of a pressed key.
func (e *told) milestone(name incident.MilestoneName, unit string) incident.Milestone {
	m := incident.Milestone{
		Name: name, Unit: unit, At: e.at(), Evidence: incident.ByKey, Report: e.own.id, Confidence: 0.9,
		KnownAt: e.known.at, Clock: e.origin.clock, Device: e.origin.device, Assurance: e.origin.assurance,
	}
	if e.origin.clock == gatewayClock {
		m.Confidence = 0.8
	}
	return m
}

// byKnown and byOwn order events.
func byKnown(e, o *told) int    { return e.known.compare(o.known) }
func byOwn(e *told, m mark) int { return e.own.compare(m) }
