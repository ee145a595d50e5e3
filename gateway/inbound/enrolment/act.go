package enrolment

import "htgateway/gateway/incident"

// The acts. Each is journaled before it has any effect.
const (
	MakeUnit  = incident.EnrolUnit    // a unit was made
	Bind      = incident.EnrolBind    // a device speaks for a unit from now on, and did so lately
	Release   = incident.EnrolRelease // it does so no longer; its token and password end
	Configure = incident.EnrolRoster  // the units file has other units than before
)

// Act is one act, as it stands in the journal.
type Act struct {
	incident.Enrolment
	// Key stands for the Idempotency-Key under which it was asked for, Request for what
	// was asked for under it.
	Key     string `json:"key,omitzero"`
	Request string `json:"request,omitzero"`
	// TokenHash is the SHA-256, in hexadecimal, of the token by which the device
	// proves itself over HTTP. The token has 256 bits from the system's source of
	// randomness, so that a fast hash is enough.
	TokenHash string `json:"token_hash,omitzero"`
	// User and PasswordHash (argon2id) let the device into the embedded broker.
	User         string `json:"user,omitzero"`
	PasswordHash string `json:"password_hash,omitzero"`
}
