package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"htgateway/gateway/journal"
)

// followBatch is how many entries Follow hands over at once.
const followBatch = 1024

// Read returns up to limit entries after the given number. An entry whose
// checksum does not match ends the result with an error that wraps
// [journal.ErrCorrupt] and names it; reading after it goes on. See [Options.GoOn].
func (j *Journal) Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	var out []journal.Entry
	err := eachEntry(ctx, j.reader, "SELECT "+columns+" FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", []any{after, limit}, func(e journal.Entry, err error) error {
		if err != nil && j.goOn {
			e, err = j.markDamaged(e, err), nil
		}
		if err == nil {
			out = append(out, e)
		}
		return err
	})
	switch {
	case errors.Is(err, journal.ErrCorrupt):
		return out, err
	case err != nil:
		return out, fmt.Errorf("cannot read the journal after entry %d: %w", after, err)
	}
	return out, nil
}

// Find returns the entry with an id; false when there is none.
func (j *Journal) Find(ctx context.Context, id string) (journal.Entry, bool, error) {
	if j.ids != nil {
		if seq, is := j.ids.newest(id); is {
			return j.found(ctx, "SELECT "+columns+" FROM entries WHERE seq = ?", seq)
		}
	}
	return j.found(ctx, `SELECT `+columns+` FROM entries WHERE id = ?1 AND seq IN (SELECT seq FROM ids WHERE key = ?2)
		UNION ALL SELECT `+columns+` FROM entries WHERE id = ?1 AND seq > (SELECT value FROM marks WHERE name = 'filed') LIMIT 1`, id, key(id))
}

// found reads the one entry that there may be.
func (j *Journal) found(ctx context.Context, query string, args ...any) (found journal.Entry, is bool, err error) {
	err = eachEntry(ctx, j.reader, query, args, func(e journal.Entry, err error) error {
		found, is = e, err == nil
		return err
	})
	if err != nil && !errors.Is(err, journal.ErrCorrupt) {
		err = fmt.Errorf("cannot read an entry of the journal: %w", err)
	}
	return found, is, err
}

// Follow calls take with every entry after the given number and then with each
// new one as it is committed, until ctx ends or take fails. While take has one batch
// the next is read.
func (j *Journal) Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error {
	subscription := j.recent.Subscribe(after)
	defer j.recent.Unsubscribe(subscription)
	var ahead <-chan readAhead
	for {
		j.mu.Lock()
		last, grown := j.last, j.grown
		j.mu.Unlock()
		for after < last {
			entries := j.recent.After(after, followBatch)
			here := len(entries) > 0
			var err error
			if !here {
				entries, err = j.next(ctx, after, ahead)
			}
			ahead = nil
			if err != nil && len(entries) == 0 {
				return err
			}
			after = entries[len(entries)-1].Seq
			if !here && len(entries) == followBatch && after < last {
				ahead = j.readAhead(ctx, after)
			}
			if err := take(entries); err != nil {
				return err
			}
			j.recent.Advance(subscription, after)
		}
		select {
		case <-grown:
		case <-j.queue.Done:
			return journal.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// readAhead is a batch that was read before it was needed.
type readAhead struct {
	entries []journal.Entry
	err     error
}

// readAhead begins to read the batch after an entry.
func (j *Journal) readAhead(ctx context.Context, after uint64) <-chan readAhead {
	ahead := make(chan readAhead, 1)
	go func() {
		entries, err := j.Read(ctx, after, followBatch)
		ahead <- readAhead{entries, err}
	}()
	return ahead
}

// next is the batch after an entry, which may be being read already.
func (j *Journal) next(ctx context.Context, after uint64, ahead <-chan readAhead) ([]journal.Entry, error) {
	if ahead == nil {
		return j.Read(ctx, after, followBatch)
	}
	got := <-ahead
	return got.entries, got.err
}

// Last is the number of the newest entry.
func (j *Journal) Last(context.Context) (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last, nil
}

// Stats returns the counters.
func (j *Journal) Stats() journal.Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	damaged, first := j.damaged.count()
	return journal.Stats{Commits: j.commits.Load(), Bytes: j.bytes.Load(), Entries: j.last, Damaged: damaged, FirstDamaged: first}
}

// Trouble is why the newest commit failed, or nil when it did not.
func (j *Journal) Trouble() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.trouble
}

// Cursor is the number up to which a reader is done.
func (j *Journal) Cursor(ctx context.Context, reader string) (uint64, error) {
	var seq uint64
	err := j.reader.QueryRowContext(ctx, "SELECT seq FROM cursors WHERE reader = ?", reader).Scan(&seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("cannot read the cursor of %q: %w", reader, err)
	}
	return seq, nil
}

// SetCursor keeps how far a reader is.
func (j *Journal) SetCursor(ctx context.Context, reader string, seq uint64) error {
	_, err := j.reader.ExecContext(ctx,
		"INSERT INTO cursors (reader, seq) VALUES (?, ?) ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq", reader, seq)
	if err != nil {
		return fmt.Errorf("cannot keep the cursor of %q: %w", reader, err)
	}
	return nil
}

// SaveSnapshot keeps a fold's state; of each fold the newest two are kept.
func (j *Journal) SaveSnapshot(ctx context.Context, fold string, seq uint64, state []byte) error {
	tx, err := j.reader.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("cannot begin a snapshot of %q: %w", fold, err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO snapshots (fold, seq, state) VALUES (?, ?, ?)", fold, seq, state); err != nil {
		return fmt.Errorf("cannot keep a snapshot of %q: %w", fold, err)
	}
	if _, err := tx.ExecContext(ctx,
		"DELETE FROM snapshots WHERE fold = ? AND seq NOT IN (SELECT seq FROM snapshots WHERE fold = ? ORDER BY seq DESC LIMIT 2)", fold, fold); err != nil {
		return fmt.Errorf("cannot drop old snapshots of %q: %w", fold, err)
	}
	return tx.Commit()
}

// Snapshot returns a fold's newest state; seq 0 when there is none.
func (j *Journal) Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error) {
	err = j.reader.QueryRowContext(ctx, "SELECT seq, state FROM snapshots WHERE fold = ? ORDER BY seq DESC LIMIT 1", fold).Scan(&seq, &state)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, fmt.Errorf("cannot read a snapshot of %q: %w", fold, err)
	}
	return seq, state, nil
}

// DropNotes removes what the named readers noted, cursors and snapshots.
func (j *Journal) DropNotes(ctx context.Context, readers ...string) error {
	for _, reader := range readers {
		for _, statement := range []string{"DELETE FROM cursors WHERE reader = ?", "DELETE FROM snapshots WHERE fold = ?"} {
			if _, err := j.reader.ExecContext(ctx, statement, reader); err != nil {
				return fmt.Errorf("cannot drop the notes of %q: %w", reader, err)
			}
		}
	}
	return nil
}
