package updatelog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"htgateway/gateway/journal/sqlitelog"
)

// Rewrite lets change edit the texts of an incident's updates, and of the dead
// letters, where it returns another text than it got. When it returns, neither the
// file nor its write-ahead log holds the old texts.
func (l *Log) Rewrite(ctx context.Context, id string, change func(text string) string) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	l.saving.Lock()
	defer l.saving.Unlock()
	db, err := l.editor()
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot begin to rewrite: %w", err)
	}
	defer tx.Rollback()
	inUpdate := func(body string) (string, error) {
		u, err := decode([]byte(body))
		if err != nil {
			return "", fmt.Errorf("incident %q: %w", id, err)
		}
		text := change(u.Text)
		if text == u.Text {
			return body, nil
		}
		u.Text = text
		edited, err := json.Marshal(&u)
		return string(edited), err
	}
	inLetter := func(body string) (string, error) { return change(body), nil }
	err = errors.Join(
		rewrite(ctx, tx, inUpdate, "SELECT seq, body FROM updates WHERE incident = ? AND incident <> ''", "UPDATE updates SET body = CAST(? AS BLOB) WHERE seq = ?", id),
		rewrite(ctx, tx, inLetter, "SELECT number, body FROM dead_letters", "UPDATE dead_letters SET body = ? WHERE number = ?"))
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("update log cannot commit what was rewritten: %w", err)
	}
	l.forget()
	if err := sqlitelog.EmptyWAL(ctx, db); err != nil {
		return fmt.Errorf("update log cannot empty its write-ahead log: %w", err)
	}
	return nil
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

// rewrite edits the bodies that a statement selects.
func rewrite(ctx context.Context, tx *sql.Tx, edit func(string) (string, error), selection, store string, args ...any) error {
	rows, err := tx.QueryContext(ctx, selection, args...)
	if err != nil {
		return fmt.Errorf("update log cannot read what to rewrite: %w", err)
	}
	defer rows.Close()
	edited := map[int64]string{}
	for rows.Next() {
		var number int64
		var body string
		if err := rows.Scan(&number, &body); err != nil {
			return fmt.Errorf("update log cannot read what to rewrite: %w", err)
		}
		text, err := edit(body)
		if err != nil {
			return err
		}
		if text != body {
			edited[number] = text
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("update log cannot read what to rewrite: %w", err)
	}
	for number, text := range edited {
		if _, err := tx.ExecContext(ctx, store, text, number); err != nil {
			return fmt.Errorf("update log cannot rewrite a row: %w", err)
		}
	}
	return nil
}
