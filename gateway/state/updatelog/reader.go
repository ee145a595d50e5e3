package updatelog

import (
	"context"
	"errors"
	"fmt"
	"os"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlitelog"
)

// Reader reads the log of a gateway that may be running, and can change nothing in
// it. What the gateway published in the last moment may not be in the file yet.
type Reader struct{ log Log }

// OpenToRead opens an existing log to read. Errors wrap [os.ErrNotExist] and
// [ErrDamaged].
func OpenToRead(ctx context.Context, path string) (*Reader, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot open update log: %w", err)
	}
	db, err := sqlitelog.OpenToRead(path)
	if err == nil {
		err = checkVersion(ctx, db)
	}
	if err != nil {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
		return nil, fmt.Errorf("cannot open update log %q: %w", path, sqlitelog.NameDamage(err, ErrDamaged))
	}
	return &Reader{Log{path: path, db: db}}, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.log.db.Close() }

// About returns the updates that a journal entry made, and those that name a report,
// in order. It reads the whole log.
func (r *Reader) About(ctx context.Context, entry uint64, report string) ([]incident.Update, error) {
	return r.log.query(ctx, `SELECT body FROM updates WHERE instr(body, CAST(?1 AS BLOB)) > 0
		OR instr(body, CAST(?2 AS BLOB)) > 0 ORDER BY seq`, fmt.Sprintf(`"journal_seq":%d,`, entry), `"`+report+`"`)
}

// Folded is the journal entry of the newest update, and that update's number; both 0
// when there is none.
func (r *Reader) Folded(ctx context.Context) (entry, update uint64, err error) {
	newest, err := r.log.query(ctx, "SELECT body FROM updates ORDER BY seq DESC LIMIT 1")
	if err != nil || len(newest) == 0 {
		return 0, 0, err
	}
	return newest[0].JournalSeq, newest[0].Seq, nil
}

// Cursors are the updates up to which each sink is done.
func (r *Reader) Cursors(ctx context.Context) (map[string]uint64, error) {
	return r.log.numbers(ctx, "SELECT sink, seq FROM cursors")
}
