package incident

import (
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// Settings are what the fold depends on beside the events. With other settings
// the same journal gives other updates, so a change means folding again.
type Settings struct {
	// Roster are the units from the journal's beginning. How they changed since is in the
	// journal, so that another roster is no other setting.
	Roster  []Unit `json:"-"`
	Plan    sop.Plan
	Arrival geo.ArrivalRule
	// RetryWindow is how long a radio may repeat the same key until it is
	// acknowledged; within it, it is one press.
	RetryWindow time.Duration
}

// DefaultRetryWindow suits radios that repeat a status five to ten times.
const DefaultRetryWindow = 15 * time.Second
