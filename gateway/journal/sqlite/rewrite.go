package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlitelog"
)

// Rewrite gives entries other bodies: the one exception to a journal that only
// grows, for what the law says must be forgotten. Number, id, kind and times stay;
// the checksum is made anew. When it returns, neither the file nor its write-ahead
// log holds the old bodies. It may run beside Append. Without entries it only empties
// the log, as one that was cut off had no time to.
func (j *Journal) Rewrite(ctx context.Context, entries []journal.Entry) error {
	// A connection of its own, apart from the writing goroutine.
	db, err := sqlitelog.Open(j.path, sqlitelog.Options{Access: sqlitelog.Write, Pragmas: durably(), Immediate: true})
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return explain("cannot begin to rewrite the journal", err)
	}
	defer tx.Rollback()
	for _, e := range entries {
		done, err := tx.ExecContext(ctx, "UPDATE entries SET body = ?, checksum = ? WHERE seq = ? AND id = ?",
			e.Body, checksum(e.Seq, e.Record, e.JournaledAt), e.Seq, e.ID)
		if err != nil {
			return explain("cannot rewrite an entry of the journal", err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(fmt.Errorf("journal: no entry %d with id %q", e.Seq, e.ID), err)
		}
	}
	if err := tx.Commit(); err != nil {
		return explain("cannot commit what was rewritten in the journal", err)
	}
	j.recent.Forget(math.MaxUint64)
	if err := sqlitelog.EmptyWAL(ctx, db); err != nil {
		return explain("cannot empty the journal's write-ahead log", err)
	}
	return nil
}
