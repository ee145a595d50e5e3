package signin

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"htgateway/gateway/journal"
)

// Appender takes records and returns once they are on disk.
type Appender interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
}

// noteWithin is how long an attempt may take to be journaled.
const noteWithin = 4 * time.Second

// JournalAttempts returns what journals attempts, so that the record of acts says who was
// there. A journal that cannot be written does not keep a dispatcher out.
func JournalAttempts(j Appender, log *slog.Logger) func(Attempt) {
	return func(a Attempt) {
		rec, err := journal.NewRecord(journal.KindSignIn, "s"+journal.Digest(a.Name, a.What, rand.Text()), a.At, a)
		if err != nil {
			log.Error("sign-in cannot be encoded", "reason", err)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), noteWithin)
		defer cancel()
		if _, err := j.Append(ctx, rec); err != nil {
			log.Warn("sign-in not journaled", "name", a.Name, "reason", err)
		}
	}
}
