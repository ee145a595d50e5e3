package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlitelog"
)

// Reader reads a journal that a running gateway may be writing, and can change
// nothing in it. It is safe for concurrent use.
type Reader struct{ entries Journal }

// OpenToRead opens an existing journal to read.
func OpenToRead(ctx context.Context, path string) (*Reader, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot open journal: %w", err)
	}
	db, err := sqlitelog.OpenToRead(path)
	if err != nil {
		return nil, err
	}
	var have int
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have)
	if err == nil && have != schemaVersion {
		err = fmt.Errorf("its schema is %d, this htgateway reads %d", have, schemaVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open journal %q: %w", path, err), db.Close())
	}
	return &Reader{Journal{path: path, reader: db}}, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.entries.reader.Close() }

// Read returns up to limit entries after the given number, as [Journal.Read] does.
func (r *Reader) Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	return r.entries.Read(ctx, after, limit)
}

// Check looks whether the file is sound, as [Open] does before it writes. Errors wrap
// [journal.ErrDamaged].
func (r *Reader) Check(ctx context.Context) error { return checkIntegrity(ctx, r.entries.reader) }

// Find returns the entry with an id; false when there is none.
func (r *Reader) Find(ctx context.Context, id string) (journal.Entry, bool, error) {
	return r.entries.Find(ctx, id)
}

// Last is the number of the newest entry, 0 in an empty journal.
func (r *Reader) Last(ctx context.Context) (uint64, error) {
	var last sql.Null[uint64]
	if err := r.entries.reader.QueryRowContext(ctx, "SELECT max(seq) FROM entries").Scan(&last); err != nil {
		return 0, fmt.Errorf("cannot read the last entry of the journal: %w", err)
	}
	return last.V, nil
}

// Snapshot returns a fold's newest state, as [Journal.Snapshot] does.
func (r *Reader) Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error) {
	return r.entries.Snapshot(ctx, fold)
}

// OfKind returns the entries of a kind, oldest first. It reads the whole journal, and
// decodes no other entry.
func (r *Reader) OfKind(ctx context.Context, kind journal.Kind) ([]journal.Entry, error) {
	return r.where(ctx, "kind = ? ORDER BY seq", string(kind))
}

// newestAmong is how many of the last entries [Reader.Newest] looks at: those of edge
// sites come late, and of an imported journal in any order.
const newestAmong = 100_000

// Newest is the latest time at which the gateway received one of the last entries, zero
// in an empty journal.
func (r *Reader) Newest(ctx context.Context) (time.Time, error) {
	var at sql.Null[int64]
	err := r.entries.reader.QueryRowContext(ctx, "SELECT max(at) FROM (SELECT at FROM entries ORDER BY seq DESC LIMIT ?)", newestAmong).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot read the newest time of the journal: %w", err)
	}
	if !at.Valid {
		return time.Time{}, nil
	}
	return time.Unix(0, at.V).UTC(), nil
}

// Entries yields what the journal holds, as [journal.All] does.
func (r *Reader) Entries(ctx context.Context) iter.Seq2[journal.Entry, error] {
	return journal.All(ctx, r, 0)
}
