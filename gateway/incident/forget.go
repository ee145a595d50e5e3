package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// WhenOf is when a report with a fix stands by its own time, as the tracker believes
// it, and when the gateway knew of it.
func WhenOf(r *devices.Report) (own, known time.Time) {
	own, _, _ = fixTime(r)
	return own, r.KnownAt()
}

// WithoutPlace is the update of a fix as the tracker makes it of a report whose place
// was forgotten.
func (u Update) WithoutPlace() Update {
	if u.Kind != UpdateFix || u.Fix == nil {
		return u
	}
	u.Fix = nil
	switch u.SetAside {
	case FromFuture, NeverSet, WeekRollover, BeforeOn: // for its time, which stays
	default:
		u.SetAside = geo.Forgotten
	}
	return u
}
