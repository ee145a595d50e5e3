package incident

import (
	"time"

	"htgateway/devices"
)

// EnrolmentKind is how a unit or a device comes to the roster or leaves it.
type EnrolmentKind string

// The kinds of enrolment. Each is journaled before it has any effect.
const (
	EnrolUnit    EnrolmentKind = "unit"    // a unit was made
	EnrolBind    EnrolmentKind = "bind"    // a device speaks for a unit from now on, and did so lately
	EnrolRelease EnrolmentKind = "release" // it does so no longer
	EnrolRoster  EnrolmentKind = "roster"  // the configured units are these from now on
)

// Enrolment is one change of the roster, as it stands in the journal.
type Enrolment struct {
	ID   string        `json:"id"`
	Kind EnrolmentKind `json:"kind"`
	// By is who did it, At when by the gateway's clock, UTC.
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Unit string    `json:"unit,omitzero"`

	// CallSign and Agency are of EnrolUnit.
	CallSign string `json:"call_sign,omitzero"`
	Agency   string `json:"agency,omitzero"`

	// Device is of EnrolBind and EnrolRelease.
	Device devices.Identity `json:"device,omitzero"`
	// Units are of EnrolRoster. The first such list of a journal holds from its beginning.
	Units []Unit `json:"units,omitzero"`
}

// BindingWindow is how long before its binding what a device said counts for its unit.
const BindingWindow = 6 * time.Hour
