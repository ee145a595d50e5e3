package status

import (
	"time"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// The states of a part.
const (
	Up   = "up"
	Down = "down"
)

// The kinds of part that others must tell from the rest.
const (
	// KindEdge is an edge site as the centre sees it, KindCentre the centre as the site
	// does.
	KindEdge   = "edge"
	KindCentre = "centre"
)

// Reporter is a part that says how it stands. Status is asked from any goroutine and
// returns at once; a part of several lines, as one that sends to many addresses, has one
// Status of each.
type Reporter interface {
	Status() []Status
}

// Status is how one part stands, as GET /links shows it. A part that is not shown there, and
// only says whether the gateway is ready, has no ID.
type Status struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Protocol string `json:"protocol,omitempty"`
	// State is Up, Down, or a link's own word, as "searching"; Since when, UTC, and Why
	// what is to be known of it, empty when nothing is.
	State string    `json:"state"`
	Since time.Time `json:"since"`
	Why   string    `json:"why,omitempty"`
	// Frames, Errors, Reports, Duplicates and Shed count since the start.
	Frames     uint64 `json:"frames"`
	Errors     uint64 `json:"errors"`
	Reports    uint64 `json:"reports"`
	Duplicates uint64 `json:"duplicates"`
	Shed       uint64 `json:"shed"`
	// LastHeard is when the newest frame came, UTC, nil before the first.
	LastHeard *time.Time `json:"last_heard"`
	LastError string     `json:"last_error,omitempty"`
	// DeadLetters is how many points a store refused for good, since ever.
	DeadLetters int `json:"dead_letters,omitempty"`
	// Waiting is how many entries of an edge site's journal are still to come, since
	// WaitingSince; ClockS how many seconds its clock is ahead of the centre's.
	Waiting      uint64      `json:"waiting,omitempty"`
	WaitingSince *time.Time  `json:"waiting_since,omitempty"`
	ClockS       geo.Reading `json:"clock_s,omitzero"`
	// NotReady is why the gateway is not ready because of this part, empty when it is.
	NotReady string `json:"-"`
	// Ledger is what became of everything that a link received, nil for what is no link.
	Ledger *Ledger `json:"-"`
	// Location is where a base station stands, when the configuration says so.
	Location *incident.Location `json:"location,omitempty"`
}

// DownSince makes a status say that the part is down, since when, and why. A zero time
// leaves it as it is: the part is not down.
func (s Status) DownSince(since time.Time, why string) Status {
	if !since.IsZero() {
		s.State, s.Since, s.Why = Down, since, why
	}
	return s
}

// Of asks all reporters in order.
func Of(reporters []Reporter) []Status {
	var out []Status
	for _, r := range reporters {
		out = append(out, r.Status()...)
	}
	return out
}
