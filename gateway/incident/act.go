package incident

import "time"

// ActKind is what a person or a CAD did.
type ActKind string

// The acts. Each is journaled before it has any effect.
const (
	ActOpen     ActKind = "open"     // a call became an incident
	ActDispatch ActKind = "dispatch" // units were sent
	ActRelease  ActKind = "release"  // units were taken off the incident
	ActReview   ActKind = "review"   // the dispatcher looked at the status
	ActNote     ActKind = "note"     // a note; counts as a review
	ActCorrect  ActKind = "correct"  // a milestone's time was set or corrected by hand
	ActRelocate ActKind = "relocate" // the incident's place was corrected
	ActClose    ActKind = "close"
	ActCancel   ActKind = "cancel"
	ActReopen   ActKind = "reopen"
	ActMerge    ActKind = "merge"     // the incident is a duplicate of Into
	ActAckAlert ActKind = "ack_alert" // the dispatcher has seen an alert
	ActMessage  ActKind = "message"   // a text for a unit's radio was queued
	ActErase    ActKind = "erase"     // who called is forgotten; By, At and Reason stay
)

// Act is one act of a dispatcher, call taker or CAD, as it stands in the
// journal. Which fields are filled depends on Kind.
type Act struct {
	ID       string  `json:"id"`
	Kind     ActKind `json:"kind"`
	Incident string  `json:"incident,omitzero"`
	// By is the signed-in user, or "cad", or "local" on an unprotected loopback.
	By string `json:"by"`
	// At is when it was done, by the gateway's clock, UTC.
	At time.Time `json:"at"`
	// ClockAt is what that clock showed where At had to be set ahead of it by much, so that
	// the act stands after earlier ones: the clock had been wrong, and was set back.
	ClockAt time.Time `json:"clock_at,omitzero"`
	// Request is a digest of what was asked for under an Idempotency-Key.
	Request string `json:"request,omitzero"`
	// Seq is the number of its entry in the journal.
	Seq uint64 `json:"-"`

	Opening *Opening `json:"opening,omitzero"`
	Units   []string `json:"units,omitzero"`
	// Text is the note, or the message for a unit.
	Text   string `json:"text,omitzero"`
	Reason string `json:"reason,omitzero"`

	// Milestone, MilestoneAt: what ActCorrect sets, for the one unit in Units.
	Milestone   MilestoneName `json:"milestone,omitzero"`
	MilestoneAt time.Time     `json:"milestone_at,omitzero"`

	// Location and District are where an incident is after ActRelocate.
	Location *Location `json:"location,omitzero"`
	District string    `json:"district,omitzero"`

	// Into is the surviving incident: of ActMerge.
	Into string `json:"into,omitzero"`
	// Alert is the id of the alert that was seen: of ActAckAlert.
	Alert string `json:"alert,omitzero"`

	// Poll asks the unit's radio for its position instead of showing a text, and
	// Expires ends the attempts: both of ActMessage.
	Poll    bool      `json:"poll,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
}

// Opening is what is known of an incident when the call is taken.
type Opening struct {
	// Number is the incident's number as people say it, "20261123-007".
	Number      string    `json:"number"`
	Category    string    `json:"category"`
	Location    *Location `json:"location,omitzero"`
	Address     string    `json:"address,omitzero"`
	District    string    `json:"district,omitzero"`
	ReceivedAt  time.Time `json:"received_at"`
	Caller      string    `json:"caller,omitzero"`
	Description string    `json:"description,omitzero"`
	ExternalID  string    `json:"external_id,omitzero"`
	Source      string    `json:"source,omitzero"` // "dispatcher" or "cad"
}

// Witness is who witnesses what an act says: a person, or the CAD.
func (a *Act) Witness() Evidence {
	if a.By == ByCADSystem {
		return ByCAD
	}
	return ByDispatcher
}

// Who acts beside people: such a note is no look of the dispatcher.
const (
	ByCADSystem = "cad"
	ByGazetteer = "gazetteer"
)
