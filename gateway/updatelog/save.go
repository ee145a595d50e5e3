package updatelog

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
)

// How updates come to the file: together, a moment later. One that was lost with the
// process is made again from the journal, under the same number.
const (
	saveAfter   = 100 * time.Millisecond
	saveAtOnce  = 1000 // updates that do not wait for more
	unsavedMost = 4096 // updates beyond which Append waits for the file
	saveAgain   = 500 * time.Millisecond
)

// write saves updates until the log is closed.
func (l *Log) write() {
	defer close(l.written)
	for {
		select {
		case <-l.unsaved:
		case <-l.closing:
			return
		}
		t := time.NewTimer(saveAfter)
		select {
		case <-l.plenty:
		case <-t.C:
		case <-l.closing:
		}
		t.Stop()
		for l.Flush(context.Background()) != nil {
			again := time.NewTimer(saveAgain)
			select {
			case <-again.C:
			case <-l.closing:
				again.Stop()
				return
			}
		}
	}
}

// Flush returns once every update that was appended is in the file.
func (l *Log) Flush(ctx context.Context) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	for {
		l.mu.Lock()
		unsaved := l.recent.after(l.saved, blockOf)
		l.mu.Unlock()
		if len(unsaved.updates) == 0 {
			return nil
		}
		err := l.save(ctx, unsaved.updates, unsaved.bodies)
		l.mu.Lock()
		l.trouble = err
		if err == nil {
			l.saved = unsaved.last()
			close(l.room)
			l.room = make(chan struct{})
		}
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// savedAtOnce is how many updates one statement keeps when there are many.
const savedAtOnce = 32

// insertUpdates is the statement that keeps so many updates.
func insertUpdates(many int) string {
	return "INSERT OR IGNORE INTO updates (seq, incident, unit, body) VALUES (?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?)", many-1)
}

func (l *Log) save(ctx context.Context, updates []incident.Update, bodies [][]byte) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot begin: %w", err)
	}
	defer tx.Rollback()
	var full *sql.Stmt
	if len(updates) >= savedAtOnce {
		if full, err = tx.PrepareContext(ctx, insertUpdates(savedAtOnce)); err != nil {
			return fmt.Errorf("update log cannot prepare: %w", err)
		}
		defer full.Close()
	}
	args := make([]any, 0, savedAtOnce*4)
	for chunk := range slices.Chunk(updates, savedAtOnce) {
		args = args[:0]
		for i := range chunk {
			u := &chunk[i]
			args = append(args, u.Seq, u.Incident, u.Unit, bodies[i])
		}
		bodies = bodies[len(chunk):]
		if len(chunk) == savedAtOnce {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, insertUpdates(len(chunk)), args...)
		}
		if err != nil {
			return fmt.Errorf("update log cannot keep updates %d to %d: %w", chunk[0].Seq, chunk[len(chunk)-1].Seq, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("update log cannot commit: %w", err)
	}
	return nil
}
