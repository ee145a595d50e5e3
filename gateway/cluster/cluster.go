package cluster

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// Shared is what a journal can that the gateways of an area have in common, as
// [htgateway/gateway/journal/jetstream.Journal] is.
type Shared interface {
	// Lead returns once this gateway is the one that writes. Lost is closed when another
	// took over.
	Lead(ctx context.Context) (lost <-chan struct{}, err error)
	// Writer names the gateway that writes, empty when none is known.
	Writer() string
	// SharePublished lets the others know up to which entry each sink has sent what there
	// was to other systems; PublishedEntries are those that were shared last.
	SharePublished(ctx context.Context, cursors map[string]uint64) error
	PublishedEntries(ctx context.Context) (map[string]uint64, error)
	Stats() journal.Stats
	// Trouble is why the newest write failed, or nil when it did not.
	Trouble() error
}

// Cursors say how far the sinks are that send to other systems.
type Cursors interface {
	PublishedEntries(ctx context.Context) (map[string]uint64, error)
	SetPublished(ctx context.Context, sink string, u incident.Update) error
}

// Options of a member.
type Options struct {
	// Area names the area, for the log.
	Area string
	Now  func() time.Time
	Log  *slog.Logger
}

// ErrRestart is wrapped when a gateway must begin again, with its roster read anew or as
// one that stands by, and the process need not end.
var ErrRestart = errors.New("cluster: the gateway must begin again")

// Member is this gateway among those of its area. It is safe for concurrent use.
type Member struct {
	journal journal.Journal
	shared  Shared // the same journal, nil for a gateway alone
	o       Options
	since   time.Time
	leads   chan struct{} // closed once this gateway leads
	// read is the newest entry when it joined: the roster that is read after that has it.
	read uint64
}

// Join makes this gateway one of those that share a journal; a journal that is not
// shared makes it one alone. Call it before the roster is read.
func Join(ctx context.Context, j journal.Journal, o Options) (*Member, error) {
	m := &Member{journal: j, o: o, since: o.Now().UTC(), leads: make(chan struct{})}
	shared, is := j.(Shared)
	if !is {
		return m, nil
	}
	m.shared = shared
	var err error
	m.read, err = j.Last(ctx)
	return m, err
}

// Alone tells whether the journal is this gateway's own.
func (m *Member) Alone() bool { return m.shared == nil }

// Leads tells whether this gateway leads by now.
func (m *Member) Leads() bool {
	select {
	case <-m.leads:
		return true
	default:
		return false
	}
}

// WhenLeading runs something once this gateway leads, which may never be.
func (m *Member) WhenLeading(ctx context.Context, run func(context.Context) error) error {
	select {
	case <-m.leads:
		return run(ctx)
	case <-ctx.Done():
		return nil
	}
}

// Standby says who leads while this gateway does not, empty when it does.
func (m *Member) Standby() string {
	if m.Alone() || m.Leads() {
		return ""
	}
	if who := m.shared.Writer(); who != "" {
		return "standing by; the area's active gateway is " + who
	}
	return "standing by; the area has no active gateway yet"
}

// Status is how the shared journal stands, nothing for a gateway alone.
func (m *Member) Status() []status.Status {
	if m.Alone() {
		return nil
	}
	s := status.Status{ID: "journal", Kind: "journal", Protocol: "nats", State: status.Up, Since: m.since, Reports: m.shared.Stats().Entries}
	switch err := m.shared.Trouble(); {
	case err != nil:
		s.State, s.Why = status.Down, err.Error()
		s.NotReady = "the journal cannot be written, nothing is acknowledged: " + err.Error()
	case !m.Leads():
		s.Why, s.NotReady = "siaga / "+m.Standby(), m.Standby()
	}
	return []status.Status{s}
}
