package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// MilestoneName is a stage of an incident.
type MilestoneName string

// The milestones, in the order of the SOP's flow. InProgress repeats.
const (
	Received     MilestoneName = "received"
	Dispatched   MilestoneName = "dispatched"
	Acknowledged MilestoneName = "acknowledged"
	EnRoute      MilestoneName = "en_route"
	OnScene      MilestoneName = "on_scene"
	InProgress   MilestoneName = "in_progress"
	Completed    MilestoneName = "completed"
	Closed       MilestoneName = "closed"
)

// Why an incident is in no figure: as milestones they stand in the updates and the
// series, not among those of the incident, whose status says the same.
const (
	Merged    MilestoneName = "merged"    // it was a duplicate
	Cancelled MilestoneName = "cancelled" // it was none
)

// Evidence is how a milestone's time is known.
type Evidence string

// The kinds of evidence.
const (
	ByKey        Evidence = "key"
	ByGeofence   Evidence = "geofence"
	ByDispatcher Evidence = "dispatcher"
	ByCAD        Evidence = "cad"
)

// Verdicts on an arrival. Corrected stands at any stage whose time a person set: no key and no
// fix certifies it, whatever they said of another time.
const (
	Confirmed = "confirmed"
	KeyOnly   = "key_only"
	GPSOnly   = "gps_only"
	Conflict  = "conflict"
	Corrected = "corrected"
)

// Milestone is one stage reached, with the proof of its time.
type Milestone struct {
	Name MilestoneName `json:"milestone"`
	// Unit is empty for milestones of the whole incident.
	Unit string `json:"unit,omitzero"`
	// At is when it happened, UTC, by the clock that the evidence names.
	At       time.Time `json:"at"`
	Evidence Evidence  `json:"evidence"`
	// Report is the id of the report or act that says so.
	Report string `json:"report"`
	// Confidence is 0 to 1: a confirmed arrival (key and geofence agree) is 1.
	Confidence float64 `json:"confidence"`
	// KnownAt is when the gateway learned it, UTC.
	KnownAt time.Time `json:"known_at"`
	// Clock says whose clock At is: "device", "gateway", or "site" and the name of an
	// edge site whose clock does not agree with the gateway's.
	Clock string `json:"clock,omitzero"`
	// Other is the second witness of an arrival, when there is one; beside a time that a
	// person set, what a key or fix says.
	Other *Witness `json:"other,omitzero"`
	// Verdict of an arrival: "confirmed", "key_only", "gps_only", "conflict"; of any stage
	// "corrected" when a person set its time.
	Verdict string `json:"verdict,omitzero"`
	// DifferenceS is how many seconds Other is later than At, negative for a key that does not
	// set the time though it is earlier: pressed far away, or by a clock in doubt.
	DifferenceS geo.Reading `json:"difference_s,omitzero"`
	// Device is the one whose report it is, and ClockOffsetS how many seconds its
	// clock, or the edge site's, was behind the gateway's then, when that was known. At is
	// what that clock said, or, when ClockCorrected is set, that corrected by the offset.
	Device         devices.Identity `json:"device,omitzero"`
	ClockOffsetS   geo.Reading      `json:"clock_offset_s,omitzero"`
	ClockCorrected bool             `json:"clock_corrected,omitzero"`
	// Assurance is what stands behind the device's name: a radio's is a claim.
	Assurance devices.Assurance `json:"identity_assurance,omitzero"`
	// Uncounted is set on the call and the closing of an incident that is in no figure,
	// because it was merged or cancelled.
	Uncounted bool `json:"uncounted,omitzero"`
	// Was are the earlier values of this milestone, oldest first: a correction
	// stays visible.
	Was []Superseded `json:"was,omitzero"`
	// WithdrawnAt is when it was found not to have been reached; only of milestones
	// listed as withdrawn.
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
}

// Same tells whether two values of a milestone say the same time by the same
// evidence; a second witness may differ.
func (m Milestone) Same(o Milestone) bool {
	return m.At.Equal(o.At) && m.Evidence == o.Evidence && m.Report == o.Report
}

// SameWitness tells whether two values of a milestone have the same second witness, and
// come to the same verdict by it.
func (m Milestone) SameWitness(o Milestone) bool {
	if m.Uncounted != o.Uncounted || m.Verdict != o.Verdict || m.Confidence != o.Confidence || (m.Other == nil) != (o.Other == nil) {
		return false
	}
	return m.Other == nil || *m.Other == *o.Other
}

// Witness is the evidence that did not set the milestone.
type Witness struct {
	At       time.Time `json:"at"`
	Evidence Evidence  `json:"evidence"`
	Report   string    `json:"report"`
}

// Superseded is an earlier value of a milestone and why it was replaced.
type Superseded struct {
	At       time.Time `json:"at"`
	Evidence Evidence  `json:"evidence"`
	Report   string    `json:"report"`
	KnownAt  time.Time `json:"known_at"`
	Reason   string    `json:"reason,omitzero"`
	By       string    `json:"by,omitzero"`
}
