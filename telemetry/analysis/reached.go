package analysis

import (
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// stages in the order in which they are reached; any may be skipped. Being taken
// off stands beside them, and so does what takes an incident out of the figures.
var stages = [stageCount]incident.MilestoneName{
	stageReceived: incident.Received, stageDispatched: incident.Dispatched, stageAcknowledged: incident.Acknowledged, stageEnRoute: incident.EnRoute,
	stageOnScene: incident.OnScene, stageInProgress: incident.InProgress, stageCompleted: incident.Completed, stageClosed: incident.Closed,
	stageTakenOff: telemetry.TakenOff, stageMerged: incident.Merged, stageCancelled: incident.Cancelled,
}

// The places of the stages.
const (
	stageReceived = iota
	stageDispatched
	stageAcknowledged
	stageEnRoute
	stageOnScene
	stageInProgress
	stageCompleted
	stageClosed
	stageTakenOff
	stageMerged
	stageCancelled
	stageCount
)

// stage is the place of a name among them, -1 for none.
func stage(name incident.MilestoneName) int { return slices.Index(stages[:], name) }

// stagesPacked are the stages of the names as packed cases have them.
var stagesPacked = func() []int {
	out := make([]int, 0, stageCount)
	for _, name := range cases.MilestoneNames() {
		out = append(out, stage(incident.MilestoneName(name)))
	}
	return out
}()

// reached are the stages of an incident or of a unit's part in one.
type reached [stageCount]mark

// mark is when and how a stage was reached. An incident of a large county has
// many, so they are small.
type mark struct {
	at                            int64 // nanoseconds since 1970
	known, byDevice, unsure, weak bool
	evidence, verdict             byte
	witnessAfterS                 float32
}

func (r *reached) has(stage int) bool { return r[stage].known }

// onIt tells that a unit was sent, and not taken off since.
func (r *reached) onIt() bool {
	sent, off := &r[stageDispatched], &r[stageTakenOff]
	return sent.known && (!off.known || off.at < sent.at)
}

func (m mark) time() time.Time { return time.Unix(0, m.at).UTC() }

// aheadS is from which lead on a device's clock counts as unsure, in seconds: a
// key cannot be heard before it was pressed.
const aheadS = 2

// weakest is the confidence under which the tracker itself doubts a key.
const weakest = 0.5

func markOf(m *cases.Milestone) mark {
	return mark{
		at: m.At, known: true, byDevice: m.ByDevice, evidence: first(m.Evidence), verdict: verdict(m.Verdict),
		unsure: m.ByDevice && m.KnownAfter < -aheadS*int64(time.Second), weak: m.Confidence >= 0 && m.Confidence < weakest,
		witnessAfterS: float32(time.Duration(m.WitnessAfter).Seconds()),
	}
}

// Verdicts and evidence in one byte.
const (
	confirmed byte = 'c'
	keyOnly   byte = 'k'
	gpsOnly   byte = 'g'
	conflict  byte = 'x'

	byKey      byte = 'k'
	byGeofence byte = 'g'
)

func verdict(s string) byte {
	switch s {
	case incident.Confirmed:
		return confirmed
	case incident.KeyOnly:
		return keyOnly
	case incident.GPSOnly:
		return gpsOnly
	case incident.Conflict:
		return conflict
	}
	return 0
}

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}
