package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"htgateway/gateway/journal"
)

// columns of an entry, as entryOf takes them.
const columns = "seq, id, kind, at, journaled_at, body, checksum"

// eachEntry hands over each entry that a query for [columns] finds, with an error that
// wraps [journal.ErrCorrupt] when it is damaged, until take fails.
//
// It asks the driver itself: [sql.Rows] would copy every body once more, and convert
// every column by its type, which is a tenth of the time that folding a journal takes.
func eachEntry(ctx context.Context, db *sql.DB, query string, args []any, take func(journal.Entry, error) error) error {
	bound := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return fmt.Errorf("cannot bind %v: %w", arg, err)
		}
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) (err error) {
		asks, can := c.(driver.QueryerContext)
		if !can {
			return errors.New("the driver answers no queries")
		}
		rows, err := asks.QueryContext(ctx, query, bound)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		row := make([]driver.Value, len(rows.Columns()))
		for {
			switch err := rows.Next(row); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if err := take(entryOf(row)); err != nil {
				return err
			}
		}
	})
}

// entryOf reads one row of [columns] and checks it.
func entryOf(row []driver.Value) (journal.Entry, error) {
	seq, is1 := row[0].(int64)
	id, is2 := row[1].(string)
	kind, is3 := row[2].(string)
	at, is4 := row[3].(int64)
	journaledAt, is5 := row[4].(int64)
	body, is6 := row[5].([]byte)
	if text, is := row[5].(string); is { // as a repair by hand may leave it
		body, is6 = []byte(text), true
	}
	sum, is7 := row[6].(int64)
	e := journal.Entry{
		Seq: uint64(seq), JournaledAt: time.Unix(0, journaledAt).UTC(),
		Record: journal.Record{ID: id, Kind: journal.Kind(kind), At: time.Unix(0, at).UTC(), Body: body},
	}
	// Damage may have made a column be of another type.
	if typed := is1 && is2 && is3 && is4 && is5 && is6 && is7; !typed || int64(checksum(e.Seq, e.Record, e.JournaledAt)) != sum {
		return e, fmt.Errorf("%w: entry %d, %s %q", journal.ErrCorrupt, e.Seq, e.Kind, e.ID)
	}
	return e, nil
}
