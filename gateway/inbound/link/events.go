package link

import (
	"context"
	"log/slog"
	"time"

	"htgateway/gateway/journal"
)

// Appender takes records and returns once they are on disk.
type Appender interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
}

// Events journals how links come and go, so that "no data" is never read as "unit silent".
type Events struct {
	journal Appender
	now     func() time.Time
	log     *slog.Logger
}

// NewEvents returns the journal of link events.
func NewEvents(j Appender, now func() time.Time, log *slog.Logger) *Events {
	return &Events{journal: j, now: now, log: log}
}

// noteWithin is how long a link event may take to be journaled.
const noteWithin = 4 * time.Second

// Note journals a change in a link's life. It does not hold up the link.
func (e *Events) Note(link, state, why string) {
	at := e.now().UTC()
	rec, err := journal.NewRecord(journal.KindLink, "l"+journal.Digest(link, state, why, at.Format(time.RFC3339Nano)), at,
		journal.LinkEvent{Link: link, At: at, State: state, Why: why})
	if err != nil {
		e.log.Error("link event cannot be encoded", "link", link, "reason", err)
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), noteWithin)
		defer cancel()
		if _, err := e.journal.Append(ctx, rec); err != nil {
			e.log.Warn("link event not journaled", "link", link, "state", state, "reason", err)
		}
	}()
}
