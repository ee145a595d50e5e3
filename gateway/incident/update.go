package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// UpdateKind says what changed.
type UpdateKind string

// The kinds of update.
const (
	UpdateOpened    UpdateKind = "opened"
	UpdateChanged   UpdateKind = "changed" // location, cancellation, reopening
	UpdateAssigned  UpdateKind = "assigned"
	UpdateReleased  UpdateKind = "released"
	UpdateMilestone UpdateKind = "milestone" // set for the first time
	UpdateCorrected UpdateKind = "corrected" // a milestone was replaced, or withdrawn when Milestone is nil; Before has the old one
	UpdateWitness   UpdateKind = "witness"   // what else is known now confirms or contradicts a milestone
	UpdateReview    UpdateKind = "review"
	UpdateNote      UpdateKind = "note"
	UpdateClosed    UpdateKind = "closed"
	UpdateStatus    UpdateKind = "status"    // a unit pressed a key
	UpdateFix       UpdateKind = "fix"       // a unit's position
	UpdateWithdrawn UpdateKind = "withdrawn" // what was given out as a unit's status or fix was, as it turned out, no unit's
	UpdateInterval  UpdateKind = "interval"  // an interval was measured; BeforeInterval has the old one
	UpdateAlert     UpdateKind = "alert"
	UpdateAlertAck  UpdateKind = "alert_ack" // a dispatcher has seen an alert
	UpdateMessage   UpdateKind = "message"   // a text from or for a unit
	UpdateDelivery  UpdateKind = "delivery"  // what became of a text for a unit
	UpdateAlarm     UpdateKind = "alarm"     // a clock warns or breached, or such an alarm changed
	UpdateUnit      UpdateKind = "unit"      // a unit came to the roster, left it, or has another name or other devices
)

// Update is one change, in the order of the journal. The same
// journal always gives the same updates.
type Update struct {
	// Seq counts updates from 1.
	Seq uint64 `json:"seq"`
	// ID is a hash of subject, kind and evidence.
	ID string `json:"id"`
	// JournalSeq is the entry that made it known.
	JournalSeq uint64     `json:"journal_seq"`
	Kind       UpdateKind `json:"kind"`
	// At is the event's own time, KnownAt when the gateway learned it, UTC.
	At      time.Time `json:"at"`
	KnownAt time.Time `json:"known_at"`

	Incident string `json:"incident,omitzero"`
	Number   string `json:"number,omitzero"`
	Category string `json:"category,omitzero"`
	District string `json:"district,omitzero"`
	// ReceivedAt is the incident's, so that offsets need no look-up.
	ReceivedAt time.Time `json:"received_at,omitzero"`

	Unit     string           `json:"unit,omitzero"`
	CallSign string           `json:"call_sign,omitzero"`
	Agency   string           `json:"agency,omitzero"`
	Device   devices.Identity `json:"device,omitzero"`
	// Assurance is what stands behind the device's name.
	Assurance devices.Assurance `json:"identity_assurance,omitzero"`
	Protocol  devices.Protocol  `json:"protocol,omitzero"`
	Link      string            `json:"link,omitzero"`
	// Report is the id of the report or act behind it.
	Report string `json:"report,omitzero"`

	Status     devices.Status `json:"status,omitzero"`
	StatusCode string         `json:"status_code,omitzero"`
	Fix        *geo.Fix       `json:"fix,omitzero"`
	// BeforeAt is set when the report was given out before, with another unit, incident or
	// time: the time that it had then. On UpdateStatus, UpdateFix and UpdateWithdrawn.
	BeforeAt time.Time `json:"before_at,omitzero"`
	// SetAside is why a fix is not judged: set on UpdateFix.
	SetAside geo.Exclusion `json:"set_aside,omitzero"`
	// Set on UpdateFix: the fix became the unit's newest, so the marker moves.
	Newest bool `json:"newest,omitzero"`

	Milestone *Milestone `json:"milestone,omitzero"`
	Before    *Milestone `json:"before,omitzero"`

	Interval       *sop.Interval `json:"interval,omitzero"`
	BeforeInterval *sop.Interval `json:"before_interval,omitzero"`

	Alert *Alert `json:"alert,omitzero"`
	// Alarm is set on UpdateAlarm.
	Alarm *journal.Alarm `json:"alarm,omitzero"`
	// Delivery is set on UpdateDelivery.
	Delivery *journal.Delivery `json:"delivery,omitzero"`
	By       string            `json:"by,omitzero"`
	Text     string            `json:"text,omitzero"`
}
