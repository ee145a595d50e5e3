package enrolment

import (
	"time"

	"htgateway/devices"
)

// Kind is what a dispatcher did.
type Kind string

// The acts. Each is journaled before it has any effect.
const (
	MakeUnit Kind = "unit"    // a unit was made
	Bind     Kind = "bind"    // a device speaks for a unit from now on, and did so before
	Release  Kind = "release" // it does so no longer; its token and password end
)

// Act is one act, as it stands in the journal.
type Act struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// By is who did it, At when by the gateway's clock, UTC.
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Unit string    `json:"unit"`
	// Key stands for the Idempotency-Key under which it was asked for, Request for what
	// was asked for under it.
	Key     string `json:"key,omitzero"`
	Request string `json:"request,omitzero"`

	// CallSign and Agency are of MakeUnit.
	CallSign string `json:"call_sign,omitzero"`
	Agency   string `json:"agency,omitzero"`

	// Device is of Bind and Release.
	Device devices.Identity `json:"device,omitzero"`
	// TokenHash is the SHA-256, in hexadecimal, of the token by which the device
	// proves itself over HTTP. The token has 256 bits from the system's source of
	// randomness, so that a fast hash is enough.
	TokenHash string `json:"token_hash,omitzero"`
	// User and PasswordHash (argon2id) let the device into the embedded broker.
	User         string `json:"user,omitzero"`
	PasswordHash string `json:"password_hash,omitzero"`
}
