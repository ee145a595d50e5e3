package updatelog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlitelog"
)

// ForgetPlaces takes the places out of the updates of fixes that were made of some
// entries of the journal, which are given in their order. When it returns, neither the
// file nor its write-ahead log holds them, nor those of a call that was cut off. It tells
// how many there were. Updates are appended and followed meanwhile.
func (l *Log) ForgetPlaces(ctx context.Context, entries []uint64) (n int, err error) {
	if err := l.Flush(ctx); err != nil {
		return 0, err
	}
	db, err := l.editor()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if len(entries) > 0 {
		if n, err = l.forgetPlaces(ctx, db, entries); err != nil {
			return 0, err
		}
		l.forget()
	}
	if err := sqlitelog.EmptyWAL(ctx, db); err != nil {
		return n, fmt.Errorf("update log cannot empty its write-ahead log: %w", err)
	}
	return n, nil
}

func (l *Log) forgetPlaces(ctx context.Context, db *sql.DB, entries []uint64) (n int, err error) {
	from, err := l.firstOf(ctx, entries[0])
	if err != nil {
		return 0, err
	}
	to, err := l.firstOf(ctx, entries[len(entries)-1]+1)
	if err != nil {
		return 0, err
	}
	edit := func(body string) (string, error) {
		u, err := decode([]byte(body))
		if err != nil {
			return "", err
		}
		if _, is := slices.BinarySearch(entries, u.JournalSeq); !is || u.Kind != incident.UpdateFix || u.Fix == nil {
			return body, nil
		}
		n++
		edited, err := json.Marshal(u.WithoutPlace())
		return string(edited), err
	}
	some := make([]uint64, 0, rewriteAtOnce)
	for ; from < to; from += uint64(len(some)) {
		some = some[:0]
		for seq := from; seq < to && len(some) < rewriteAtOnce; seq++ {
			some = append(some, seq)
		}
		if err := l.rewriteRows(ctx, db, edit, "SELECT seq, body FROM updates WHERE seq = ?", "UPDATE updates SET body = CAST(? AS BLOB) WHERE seq = ?", some); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// firstOf is the number of the first update that was made of an entry or of a later
// one: updates are numbered in the order of the entries.
func (l *Log) firstOf(ctx context.Context, entry uint64) (uint64, error) {
	var failed error
	n := sort.Search(int(l.Last()), func(i int) bool {
		var body []byte
		var u struct {
			JournalSeq uint64 `json:"journal_seq"`
		}
		err := l.db.QueryRowContext(ctx, "SELECT body FROM updates WHERE seq = ?", i+1).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return true // beyond the last that is in the file
		}
		if err == nil {
			err = json.Unmarshal(body, &u)
		}
		if err != nil {
			failed = fmt.Errorf("update log cannot find the updates of entry %d: %w", entry, err)
		}
		return u.JournalSeq >= entry
	})
	return uint64(n) + 1, failed
}
