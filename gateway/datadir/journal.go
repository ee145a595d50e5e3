package datadir

import (
	"context"
	"log/slog"
	"os"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/journal/sqlite"
)

// OpenedJournal is a journal as the daemon uses it, on this machine or shared with the
// other gateways of its area.
type OpenedJournal interface {
	journal.Journal
	// Find returns the entry with an id; false when there is none.
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
	// Rewrite gives entries other bodies and leaves no trace of the old ones.
	Rewrite(ctx context.Context, entries []journal.Entry) error
	Stats() journal.Stats
	// Rest drops from memory what was at hand for a busy gateway.
	Rest()
	// Trouble is why the newest write failed, or nil when it did not.
	Trouble() error
}

// OpenJournal opens the journal that a configuration names, to write: a file of the data
// folder, or the one of the area's cluster, which is a [*jetstream.Journal].
func OpenJournal(ctx context.Context, c config.Config, now func() time.Time, log *slog.Logger) (OpenedJournal, error) {
	if c.Journal.URL == "" {
		j, err := sqlite.Open(ctx, Of(c).Journal(), sqlite.Options{Now: now, Log: log, GoOn: true})
		if err != nil {
			return nil, err
		}
		return j, nil
	}
	o, err := ClusterJournal(c, now, log)
	if err != nil {
		return nil, err
	}
	j, err := jetstream.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return j, nil
}

// ClusterJournal is how the area's journal is opened that a configuration names by
// journal.url.
func ClusterJournal(c config.Config, now func() time.Time, log *slog.Logger) (jetstream.Options, error) {
	j := c.Journal
	security, err := j.TLS()
	return jetstream.Options{
		Servers: j.Servers(), CredsFile: j.CredsFile, TLS: security, Area: j.Area, Replicas: j.Replicas, File: Of(c).Journal(),
		Name: j.Who(), Lease: j.Lease, Now: now, Log: log,
	}, err
}

// InTime gives a configuration the procedure as it was at each call, where the folder has
// a journal that says so.
func InTime(ctx context.Context, c config.Config) (config.Config, error) {
	if _, err := os.Stat(Of(c).Journal()); err != nil {
		return c, nil //nolint:nilerr // no journal: nobody has judged by another procedure
	}
	j, err := Of(c).ReadJournal(ctx)
	if err != nil {
		return c, err
	}
	defer j.Close()
	c.Plan, err = procedure.Plan(ctx, j, c.Plan)
	return c, err
}

// ReadJournal opens the folder's journal to read, also while a gateway writes it.
func (f Folder) ReadJournal(ctx context.Context) (*sqlite.Reader, error) {
	return sqlite.OpenToRead(ctx, f.Journal())
}
