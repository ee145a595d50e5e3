package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// How often the write-ahead log is tried to be emptied: a reader in the middle of
// the file keeps it.
const (
	tries = 50
	again = 100 * time.Millisecond
)

// ErrKept is returned when readers kept the log for all of the tries.
var ErrKept = errors.New("sqlitelog: write-ahead log in use by readers")

// EmptyWAL carries the write-ahead log of db into its file and empties it. It fails with
// [ErrKept], with ctx's error, or with SQLite's.
func EmptyWAL(ctx context.Context, db *sql.DB) error {
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

// WALSize is the size in bytes of the write-ahead log beside an SQLite file, 0 without
// one. A process that closes the file removes its log, so what is there when nobody has
// the file open was left by one that was killed.
func WALSize(path string) (int64, error) {
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot look at the write-ahead log: %w", err)
	}
	return info.Size(), nil
}

// Sizes in a write-ahead log (SQLite, "The WAL File Format", sections 4.1 and 4.2).
const (
	walHead   = 32
	frameHead = 24 // before each page
)

// Uncommitted is how many bytes of a write-ahead log, which had a size before db was
// opened, belong to no commit that SQLite took. They are of a commit that was cut off,
// or left over from before the log began at the front again. The pages of whole
// commits are carried into the file.
func Uncommitted(ctx context.Context, db *sql.DB, size int64) (int64, error) {
	if size == 0 {
		return 0, nil
	}
	var page int64
	if err := db.QueryRowContext(ctx, "PRAGMA page_size").Scan(&page); err != nil {
		return 0, fmt.Errorf("cannot read the page size: %w", err)
	}
	var busy, pages, moved int64
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved); err != nil {
		return 0, fmt.Errorf("cannot check the write-ahead log in: %w", err)
	}
	return max(0, size-walHead-max(pages, 0)*(frameHead+page)), nil
}
