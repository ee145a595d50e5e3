package updatelog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
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
		rows := l.waiting[:wholeEntries(l.waiting)]
		l.mu.Unlock()
		if len(rows) == 0 {
			return nil
		}
		err := l.save(ctx, rows)
		l.mu.Lock()
		l.trouble = err
		if err == nil {
			l.saved = rows[len(rows)-1].seq
			l.waiting = slices.Delete(l.waiting, 0, len(rows))
			l.recent.Advance(l.saver, l.saved)
			close(l.room)
			l.room = make(chan struct{})
		}
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// wholeEntries is how many rows are saved together: some, to the end of a journal entry.
func wholeEntries(rows []row) int {
	n := min(len(rows), saveAtOnce)
	for n > 0 && n < len(rows) && rows[n].entry == rows[n-1].entry {
		n++
	}
	return n
}

// savedAtOnce is how many updates one statement keeps, the most that there are.
var savedAtOnce = []int{32, 8, 1}

// insertUpdates is the statement that keeps so many updates.
func insertUpdates(many int) string {
	return "INSERT OR IGNORE INTO updates (seq, incident, unit, body) VALUES (?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?)", many-1)
}

// prepare makes the statements by which updates are kept.
func (l *Log) prepare(ctx context.Context) error {
	for _, n := range savedAtOnce {
		s, err := l.db.PrepareContext(ctx, insertUpdates(n))
		if err != nil {
			return fmt.Errorf("cannot prepare: %w", err)
		}
		l.inserts = append(l.inserts, s)
	}
	return nil
}

func (l *Log) save(ctx context.Context, rows []row) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot begin: %w", err)
	}
	defer tx.Rollback()
	args := make([]any, 0, savedAtOnce[0]*4)
	for len(rows) > 0 {
		size := slices.IndexFunc(savedAtOnce, func(n int) bool { return n <= len(rows) })
		n := savedAtOnce[size]
		args = args[:0]
		for _, r := range rows[:n] {
			args = append(args, r.seq, r.incident, r.unit, r.body)
		}
		if _, err := tx.StmtContext(ctx, l.inserts[size]).ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("update log cannot keep updates %d to %d: %w", rows[0].seq, rows[n-1].seq, err)
		}
		rows = rows[n:]
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("update log cannot commit: %w", err)
	}
	return nil
}
