package incident

import "htgateway/geo"

// Reasons for setting a fix aside because of its time.
const (
	FromFuture   geo.Exclusion = "time lies in the future"
	NeverSet     geo.Exclusion = "device clock was never set"
	WeekRollover geo.Exclusion = "GPS week number rolled over"
	BeforeOn     geo.Exclusion = "from before the radio was switched on"
)

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
