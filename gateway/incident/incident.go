package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
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

// Evidence is how a milestone's time is known.
type Evidence string

// The kinds of evidence.
const (
	ByKey        Evidence = "key"
	ByGeofence   Evidence = "geofence"
	ByDispatcher Evidence = "dispatcher"
	ByCAD        Evidence = "cad"
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
	// Other is the second witness of an arrival, when there is one.
	Other *Witness `json:"other,omitzero"`
	// Verdict of an arrival: "confirmed", "key_only", "gps_only", "conflict".
	Verdict string `json:"verdict,omitzero"`
	// DifferenceS is how many seconds the second witness came after the first.
	DifferenceS geo.Reading `json:"difference_s,omitzero"`
	// Device is the one whose report it is, and ClockOffsetS how many seconds its
	// clock was behind the gateway's then, when that was known. At is what the device
	// said: it is never corrected by the offset.
	Device       devices.Identity `json:"device,omitzero"`
	ClockOffsetS geo.Reading      `json:"clock_offset_s,omitzero"`
	// Assurance is what stands behind the device's name: a radio's is a claim.
	Assurance devices.Assurance `json:"identity_assurance,omitzero"`
	// Was are the earlier values of this milestone, oldest first: a correction
	// stays visible.
	Was []Superseded `json:"was,omitzero"`
	// WithdrawnAt is when it was found not to have been reached; only of milestones
	// listed as withdrawn.
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
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

// Incident is one emergency, as far as the journal tells.
type Incident struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	Category string    `json:"category"`
	Status   string    `json:"status"` // received, dispatched, en_route, on_scene, in_progress, completed, closed, cancelled, merged
	Location *Location `json:"location,omitzero"`
	Address  string    `json:"address,omitzero"`
	District string    `json:"district,omitzero"`
	Caller   string    `json:"caller,omitzero"`
	// CallerErasedAt is when who called was forgotten, zero while that is not so.
	CallerErasedAt time.Time `json:"caller_erased_at,omitzero"`
	Description    string    `json:"description,omitzero"`
	ExternalID     string    `json:"external_id,omitzero"`
	ReceivedAt     time.Time `json:"received_at"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	// Units that are or were on it, in the order they were sent.
	Units      []string    `json:"units"`
	Milestones []Milestone `json:"milestones"`
	// Withdrawn are milestones that are no longer believed, with what they were.
	Withdrawn []Milestone `json:"withdrawn,omitzero"`
	// MergedInto is the incident of which this is a duplicate, Duplicates are its own.
	MergedInto string   `json:"merged_into,omitzero"`
	Duplicates []string `json:"duplicates,omitzero"`
	// Places are where it was thought to be, oldest first, when that was corrected.
	Places []Placed `json:"places,omitzero"`
	Notes  []Note   `json:"notes,omitzero"`
	Alerts []Alert  `json:"alerts,omitzero"`
	// Alarms are those about the procedure's clocks, as they stand, oldest first.
	Alarms []journal.Alarm `json:"alarms,omitzero"`
	// Reviews are the times of the dispatcher's reviews, in order.
	Reviews []time.Time `json:"reviews,omitzero"`
}

// Ended tells whether nothing more is to be done about the incident.
func (in *Incident) Ended() bool {
	return in.Status == "closed" || in.Status == "cancelled" || in.Status == "merged"
}

// Note is what somebody wrote on an incident.
type Note struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// Placed is a location and since when the incident was known to be there.
type Placed struct {
	Location *Location `json:"location"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Reason   string    `json:"reason,omitzero"`
}

// Alert is something that the dispatcher should look at. Only a person's act takes
// it off the list: nothing that a radio says does.
type Alert struct {
	ID string `json:"id"`
	// Kind: "emergency", "needs_assistance", "key_far_away", "parked_no_key",
	// "out_of_order", "unknown_code", "radio_state".
	Kind     string    `json:"kind"`
	Unit     string    `json:"unit,omitzero"`
	Incident string    `json:"incident,omitzero"`
	At       time.Time `json:"at"`
	Report   string    `json:"report"`
	Text     string    `json:"text"`
	// AckedAt is when AckedBy said to have seen it, UTC.
	AckedAt time.Time `json:"acked_at,omitzero"`
	AckedBy string    `json:"acked_by,omitzero"`
	// Withdrawn marks an alert that was raised before an earlier event was known.
	Withdrawn bool `json:"withdrawn,omitzero"`
}

// Unit is a field team, as the roster names it.
type Unit struct {
	ID       string `json:"id"`
	CallSign string `json:"call_sign"`
	Agency   string `json:"agency"`
	// Devices that speak for the unit.
	Devices []devices.Identity `json:"devices"`
	// Former are devices that spoke for it once.
	Former []Tenure `json:"former,omitzero"`
}

// UnitState is what is known of a unit now.
type UnitState struct {
	Unit
	Status   devices.Status `json:"status,omitzero"`
	StatusAt time.Time      `json:"status_at,omitzero"`
	// Fix is the newest live fix by the fix's own time.
	Fix *geo.Fix `json:"fix,omitzero"`
	// FixAt is the time of that fix: the device's own, else when it was received.
	FixAt time.Time `json:"fix_at,omitzero"`
	// HeardAt is when anything at all was last received from the unit.
	HeardAt time.Time `json:"heard_at,omitzero"`
	// Incident is the id of the incident that the unit is on, or empty.
	Incident string `json:"incident,omitzero"`
	// Emergency stays until a dispatcher has acknowledged it.
	Emergency  bool        `json:"emergency,omitzero"`
	BatteryPct geo.Reading `json:"battery_pct,omitzero"`
	Link       string      `json:"link,omitzero"`
	// Signs explain a silence.
	Signs
	// Clocks tell how the clocks of the unit's devices stand.
	Clocks []DeviceClock `json:"clocks,omitzero"`
	// SetAside counts the fixes that were kept and not judged, by reason.
	SetAside map[geo.Exclusion]int `json:"set_aside,omitzero"`
}
