package tracker

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// observation is one event of a unit: a pressed key, a fix, words or an act. It has a
// place in the order in which the gateway learned of it and one by its own time. Most
// are fixes: they have nothing but the entry, which is kept in a log of its own. The
// zero observation stands for none.
type observation struct {
	// Entry has what all events have. Its Origin is nil of an act, its Fix of one without
	// a position.
	*fixlog.Entry
	// act and statement are nil but for an act, and for a key, words or an emergency.
	act       *incident.Act
	statement *statement
}

// observationOf is an act as an event of a unit.
func observationOf(act *incident.Act) observation {
	at := keyAt(act.At, act.ID)
	return observation{Entry: &fixlog.Entry{Known: knownKey{Seq: act.Seq, Key: at}, Own: at}, act: act}
}

// exists is false of the zero observation.
func (e observation) exists() bool { return e.Entry != nil }

// statement is what somebody pressed or wrote.
type statement struct {
	// stamp is when, by its own clock; where the event stands among others may be later within
	// the second (see ownTime).
	stamp time.Time
	// received is when the gateway or an edge site heard it.
	received time.Time
	// said is what the device's own clock said, zero where that cannot be its time.
	said   time.Time
	status devices.Status // empty when no key was pressed
	code   string
	text   string
	// alerts are those that the report raises by itself.
	alerts []reportAlert
}

// emergency is the kind of an alert that calls for help.
const emergency = "emergency"

// reportAlert is an alert that a report raises by itself.
type reportAlert struct{ kind, text string }

// at is when the event was, by its own clock.
func (e observation) at() time.Time {
	if e.statement != nil {
		return e.statement.stamp
	}
	return e.Own.At
}

// when is the event's time and report, as they are shown.
func (e observation) when() orderKey { return keyAt(e.at(), e.Own.ID) }

func (e observation) isFix() bool { return e.act == nil && e.statement == nil }

// pressed tells whether the event is the key with this meaning.
func (e observation) pressed(status devices.Status) bool {
	return e.statement != nil && e.statement.status == status
}

// decidesSpans tells whether the event is an act about an incident, or a key that lets a unit go
// or decides whether another does.
func (e observation) decidesSpans() bool {
	if e.act != nil {
		return e.act.Kind != incident.ActAckAlert
	}
	switch e.statement.status {
	case devices.StatusCompleted, devices.StatusAvailable, devices.StatusOnScene, devices.StatusInProgress:
		return true
	}
	return false
}

// milestone makes a stage of a pressed key.
func (e observation) milestone(name incident.MilestoneName, unit string) incident.Milestone {
	m := incident.Milestone{
		Name: name, Unit: unit, At: e.at(), Evidence: incident.ByKey, Report: e.Own.ID, Confidence: 0.9,
		KnownAt: e.Known.At, Clock: e.Origin.Clock, Device: e.Origin.Device, Assurance: e.Origin.Assurance,
	}
	if e.Origin.Clock == gatewayClock {
		m.Confidence = 0.8
	}
	corrected(&m, e.Origin.Shift)
	return m
}

// corrected notes in a stage that its time was corrected, because the clock that it was read
// off is known to be wrong.
func corrected(m *incident.Milestone, shift time.Duration) {
	if shift != 0 {
		m.ClockCorrected, m.ClockOffsetS = true, geo.Measured(shift.Seconds())
	}
}

// byKnown and byOwn order events.
func byKnown(e, o observation) int        { return e.Known.Compare(o.Known) }
func byOwn(e observation, m orderKey) int { return e.Own.Compare(m) }
