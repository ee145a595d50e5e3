package link

import (
	"context"
	"time"

	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
	"htgateway/gateway/status"
)

// Link is one way in.
type Link interface {
	status.Reporter
	// Run takes what comes until ctx ends, and then what still waits.
	Run(ctx context.Context) error
}

// The names of the links that a gateway has without being configured.
const (
	BrokerID  = "mqtt"       // the broker in the process
	FolderID  = "cad-folder" // the folder into which a CAD writes
	PhonesID  = "http"       // what phones post
	KeypadsID = "keypads"    // what keypads and programs post
)

// Intake takes frames and returns once they are on disk. It knows what became of all that
// a link received.
type Intake interface {
	Take(ctx context.Context, frames ...intake.Heard) error
	Shed(link string, n int)
	Ledgers
}

// Ledgers tells what became of everything that a link received.
type Ledgers interface {
	Ledger(link string) status.Ledger
}

// About is what a link is.
type About struct {
	ID, Kind, Protocol string
	// Location is where the base station stands, nil when nobody said.
	Location *incident.Location
}

// status is how a link stands, with its ledger.
func (a About) status(in Ledgers, state string, since time.Time, why string) status.Status {
	s := status.Status{ID: a.ID, Kind: a.Kind, Protocol: a.Protocol, State: state, Since: since, Why: why, Location: a.Location}
	return s.WithLedger(in.Ledger(a.ID))
}

// overHTTP is a link whose reports come over the page's listener: it is up as long as the
// gateway runs, and has nothing to run itself.
type overHTTP struct {
	about   About
	ledgers Ledgers
	since   time.Time
}

// Status is how the link stands.
func (o overHTTP) Status() []status.Status {
	return []status.Status{o.about.status(o.ledgers, status.Up, o.since, "")}
}

// Run returns when ctx ends.
func (overHTTP) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
