package updatelog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlitelog"
)

// rewriteAtOnce is how many rows are rewritten in one transaction: what is appended
// meanwhile waits for one of these at most.
const rewriteAtOnce = 64

// Rewriting says what is rewritten in a log.
type Rewriting struct {
	// Incidents are those whose updates are looked at, and Entries the journal entries
	// whose updates are, in order.
	Incidents []string
	Entries   []uint64
	// Update changes an update and tells whether it did.
	Update func(*incident.Update) bool
	// Letter returns what a dead letter says instead.
	Letter func(body string) string
}

// Rewrite edits updates and dead letters. When it returns, neither the file nor its
// write-ahead log holds what they said before, nor what they said before an earlier call
// that was cut off. Updates are appended and followed meanwhile.
func (l *Log) Rewrite(ctx context.Context, r Rewriting) error {
	l.editing.Lock()
	l.edits = append(l.edits, r.Letter)
	l.editing.Unlock()
	if err := l.Flush(ctx); err != nil {
		return err
	}
	db, err := l.editor()
	if err != nil {
		return err
	}
	defer db.Close()
	numbers, err := l.numbersOf(ctx, r)
	if err != nil {
		return err
	}
	update := func(body string) (string, error) {
		u, err := decode([]byte(body))
		if err != nil || !r.Update(&u) {
			return body, err
		}
		edited, err := json.Marshal(&u)
		return string(edited), err
	}
	for some := range slices.Chunk(numbers, rewriteAtOnce) {
		err := l.rewriteRows(ctx, db, update, "SELECT seq, body FROM updates WHERE seq = ?", "UPDATE updates SET body = CAST(? AS BLOB) WHERE seq = ?", some)
		if err != nil {
			return err
		}
	}
	l.forget()
	if err := l.rewriteLetters(ctx, db, r.Letter); err != nil {
		return err
	}
	if err := sqlitelog.EmptyWAL(ctx, db); err != nil {
		return fmt.Errorf("update log cannot empty its write-ahead log: %w", err)
	}
	return nil
}

// numbersOf are the numbers of the updates that a rewriting looks at, in order.
func (l *Log) numbersOf(ctx context.Context, r Rewriting) ([]uint64, error) {
	var out []uint64
	add := func(statement string, args ...any) error {
		rows, err := l.db.QueryContext(ctx, statement, args...)
		if err != nil {
			return fmt.Errorf("update log cannot find what to rewrite: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var n uint64
			if err := rows.Scan(&n); err != nil {
				return fmt.Errorf("update log cannot find what to rewrite: %w", err)
			}
			out = append(out, n)
		}
		return rows.Err()
	}
	for _, id := range r.Incidents {
		if err := add("SELECT seq FROM updates WHERE incident = ? AND incident <> ''", id); err != nil {
			return nil, err
		}
	}
	for _, entry := range r.Entries {
		from, err := l.firstOf(ctx, entry)
		if err != nil {
			return nil, err
		}
		to, err := l.firstOf(ctx, entry+1)
		if err != nil {
			return nil, err
		}
		if err := add("SELECT seq FROM updates WHERE seq >= ? AND seq < ?", from, to); err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// rewriteLetters edits the bodies of all dead letters.
func (l *Log) rewriteLetters(ctx context.Context, db *sql.DB, change func(string) string) error {
	edit := func(body string) (string, error) { return change(body), nil }
	for after := uint64(0); ; {
		rows, err := l.db.QueryContext(ctx, "SELECT number FROM dead_letters WHERE number > ? ORDER BY number LIMIT ?", after, rewriteAtOnce)
		if err != nil {
			return fmt.Errorf("update log cannot find what to rewrite: %w", err)
		}
		var some []uint64
		for rows.Next() {
			if err = rows.Scan(&after); err != nil {
				break
			}
			some = append(some, after)
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("update log cannot find what to rewrite: %w", err)
		}
		if len(some) == 0 {
			return nil
		}
		for _, column := range []string{"body", "reason"} {
			err := l.rewriteRows(ctx, db, edit, "SELECT number, "+column+" FROM dead_letters WHERE number = ?", "UPDATE OR REPLACE dead_letters SET "+column+" = ? WHERE number = ?", some)
			if err != nil {
				return err
			}
		}
	}
}

// editor is a connection of its own, which overwrites what it frees.
func (l *Log) editor() (*sql.DB, error) {
	db, err := database(l.path, sqlitelog.Write)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Rest drops what is kept in memory to be at hand, as far as it is in the file.
func (l *Log) Rest(ctx context.Context) error {
	l.forget()
	if _, err := l.db.ExecContext(ctx, "PRAGMA shrink_memory"); err != nil {
		return fmt.Errorf("update log cannot shrink: %w", err)
	}
	return nil
}

// forget drops what is kept in memory and is in the file.
func (l *Log) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent.Forget(l.saved)
}

// rewriteRows edits some rows, which a statement selects by their numbers, in one
// transaction.
func (l *Log) rewriteRows(ctx context.Context, db *sql.DB, edit func(string) (string, error), selection, store string, numbers []uint64) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot begin to rewrite: %w", err)
	}
	defer tx.Rollback()
	for _, n := range numbers {
		var number uint64
		var body string
		err := tx.QueryRowContext(ctx, selection, n).Scan(&number, &body)
		if errors.Is(err, sql.ErrNoRows) {
			continue // reset meanwhile
		}
		if err != nil {
			return fmt.Errorf("update log cannot read what to rewrite: %w", err)
		}
		edited, err := edit(body)
		if err != nil {
			return err
		}
		if edited == body {
			continue
		}
		if _, err := tx.ExecContext(ctx, store, edited, number); err != nil {
			return fmt.Errorf("update log cannot rewrite a row: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("update log cannot commit what was rewritten: %w", err)
	}
	return nil
}
