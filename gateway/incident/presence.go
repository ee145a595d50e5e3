package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// Signs are the newest that a unit's devices reported, beside their places, about why
// they may be silent. All times are when the gateway received it, UTC.
type Signs struct {
	// Presence is the newest word about being reachable, PresenceAt its time.
	Presence   *devices.Presence `json:"presence,omitzero"`
	PresenceAt time.Time         `json:"presence_at,omitzero"`
	// NoLockAt is when a position without satellites came last.
	NoLockAt time.Time `json:"no_lock_at,omitzero"`
	// BlurredAt is when a position came last that its sender had made coarse.
	BlurredAt time.Time `json:"blurred_at,omitzero"`
	// AsideAt is when a fix came last whose time could not be believed, Aside why.
	AsideAt time.Time     `json:"aside_at,omitzero"`
	Aside   geo.Exclusion `json:"aside,omitzero"`
}

// Note takes what one report says. The newest by its reception counts, so that the
// order in which reports are folded does not matter.
func (s *Signs) Note(r *devices.Report, doubted geo.Exclusion) {
	newer := func(at time.Time) bool { return r.ReceivedAt.After(at) }
	if r.Presence != nil && newer(s.PresenceAt) {
		s.Presence, s.PresenceAt = r.Presence, r.ReceivedAt
	}
	if r.Fix == nil {
		return
	}
	switch {
	case r.Fix.NoLock:
		if newer(s.NoLockAt) {
			s.NoLockAt = r.ReceivedAt
		}
	case doubted != "":
		if newer(s.AsideAt) {
			s.AsideAt, s.Aside = r.ReceivedAt, doubted
		}
	case r.Fix.Blurred:
		if newer(s.BlurredAt) {
			s.BlurredAt = r.ReceivedAt
		}
	}
}
