package analysis

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
)

// stages in the order in which they are reached; any may be skipped. Being taken
// off stands beside them.
var stages = []incident.MilestoneName{
	incident.Received, incident.Dispatched, incident.Acknowledged, incident.EnRoute,
	incident.OnScene, incident.InProgress, incident.Completed, incident.Closed, telemetry.TakenOff,
}

// reached are the stages of an incident or of a unit's part in one.
type reached [9]mark

// mark is when and how a stage was reached. An incident of a large county has
// many, so they are small.
type mark struct {
	at                            int64 // nanoseconds since 1970
	known, byDevice, unsure, weak bool
	evidence, verdict             byte
	witnessAfterS                 float32
}

func (r *reached) at(name incident.MilestoneName) mark {
	if i := slices.Index(stages, name); i >= 0 {
		return r[i]
	}
	return mark{}
}

func (r *reached) has(name incident.MilestoneName) bool { return r.at(name).known }

// onIt tells that a unit was sent, and not taken off since.
func (r *reached) onIt() bool {
	sent, off := r.at(incident.Dispatched), r.at(telemetry.TakenOff)
	return sent.known && (!off.known || off.at < sent.at)
}

func (m mark) time() time.Time { return time.Unix(0, m.at).UTC() }

// aheadS is from which lead on a device's clock counts as unsure, in seconds: a
// key cannot be heard before it was pressed.
const aheadS = 2

// weakest is the confidence under which the tracker itself doubts a key.
const weakest = 0.5

func markOf(m *telemetry.CaseMilestone) mark {
	return mark{
		at: m.At, known: true, byDevice: m.ByDevice, evidence: first(m.Evidence), verdict: verdicts[m.Verdict],
		unsure: m.ByDevice && m.KnownAfter < -aheadS*int64(time.Second), weak: m.Confidence >= 0 && m.Confidence < weakest,
		witnessAfterS: float32(time.Duration(m.WitnessAfter).Seconds()),
	}
}

var verdicts = map[string]byte{incident.Confirmed: confirmed, incident.KeyOnly: keyOnly, incident.GPSOnly: gpsOnly, incident.Conflict: conflict}

// Verdicts and evidence in one byte.
const (
	confirmed byte = 'c'
	keyOnly   byte = 'k'
	gpsOnly   byte = 'g'
	conflict  byte = 'x'

	byKey      byte = 'k'
	byGeofence byte = 'g'
)

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}
