package incident

import (
	"cmp"
	"strings"
	"time"

	"htgateway/gateway/journal"
)

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
	// "key_outside", "out_of_order", "unknown_code", "radio_state".
	Kind     string    `json:"kind"`
	Unit     string    `json:"unit,omitzero"`
	Incident string    `json:"incident,omitzero"`
	At       time.Time `json:"at"`
	Report   string    `json:"report"`
	Text     string    `json:"text"`
	// Count is how often the device said the same while the alert was open, LastAt when
	// last, UTC: of an unmapped code or a radio's state that came more than once.
	Count  int       `json:"count,omitzero"`
	LastAt time.Time `json:"last_at,omitzero"`
	// AckedAt is when AckedBy said to have seen it, UTC.
	AckedAt time.Time `json:"acked_at,omitzero"`
	AckedBy string    `json:"acked_by,omitzero"`
	// Withdrawn marks an alert that was raised before an earlier event was known.
	Withdrawn bool `json:"withdrawn,omitzero"`
}

// Call is what an incident is found by.
type Call struct {
	ID, Number, Category, Address, District, ExternalID string
	// ReceivedAt and ClosedAt, UTC, are those of the milestones; ClosedAt is zero of one
	// that was not closed.
	ReceivedAt, ClosedAt time.Time
	// Ended is set when nothing more is to be done: closed, cancelled or merged.
	Ended bool
	// MergedInto is the incident of which this is a duplicate, empty when it is none.
	MergedInto string
	// HasCaller tells whether who called is known still, Erased that it was forgotten.
	HasCaller, Erased bool
}

// Compare orders calls by when they were received, those of one moment by their ids.
func (c Call) Compare(o Call) int {
	return cmp.Or(c.ReceivedAt.Compare(o.ReceivedAt), strings.Compare(c.ID, o.ID))
}

// Call is what the incident is found by.
func (in *Incident) Call() Call {
	return Call{
		ID: in.ID, Number: in.Number, Category: in.Category, Address: in.Address, District: in.District, ExternalID: in.ExternalID,
		ReceivedAt: in.ReceivedAt, ClosedAt: in.ClosedAt, Ended: in.Ended(), MergedInto: in.MergedInto, HasCaller: in.Caller != "", Erased: !in.CallerErasedAt.IsZero(),
	}
}
