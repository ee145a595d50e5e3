package wal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// How often the write-ahead log is tried to be emptied: a reader in the middle of
// the file keeps it.
const (
	tries = 50
	again = 100 * time.Millisecond
)

// ErrKept is returned when readers kept the log for all of the tries.
var ErrKept = errors.New("readers keep the write-ahead log")

// Empty carries the write-ahead log of db into its file and empties it. It fails with
// [ErrKept], with ctx's error, or with SQLite's.
func Empty(ctx context.Context, db *sql.DB) error {
	next := time.NewTicker(again)
	defer next.Stop()
	for range tries {
		var busy, pages, moved int
		if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
			return fmt.Errorf("cannot check the write-ahead log in: %w", err)
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-next.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ErrKept
}
