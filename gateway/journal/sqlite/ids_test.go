package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// many is more than what stays in memory: some ids are filed in the index.
const many = 40_000

func numbered(from, to int) []journal.Record {
	var out []journal.Record
	for n := from; n <= to; n++ {
		out = append(out, journal.Record{ID: fmt.Sprint("r", n), Kind: journal.KindAct, At: time.Unix(int64(n), 0), Body: []byte("{}")})
	}
	return out
}

// TestEveryIDIsTakenOnce appends the same ids again, filed ones and newest ones, in
// the same life and in the next.
func TestEveryIDIsTakenOnce(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	j := open(t, place)
	for from := 1; from < many; from += 4000 {
		mustStore(t, j, numbered(from, from+3999), uint64(from), false)
	}
	for life := range 2 {
		for _, from := range []int{1, many/2 + 7, many - 100} {
			mustStore(t, j, numbered(from, from+99), uint64(from), true)
		}
		for _, n := range []uint64{1, many / 2, many} {
			e, found, err := j.(*sqlite.Journal).Find(t.Context(), fmt.Sprint("r", n))
			if err != nil || !found || e.Seq != n {
				t.Fatalf("life %d: entry %d: %+v %v %v", life, n, e, found, err)
			}
		}
		if _, found, err := j.(*sqlite.Journal).Find(t.Context(), "nobody"); found || err != nil {
			t.Fatalf("life %d: found what is not there, %v", life, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, place)
	}
	if last, err := j.Last(t.Context()); err != nil || last != many {
		t.Fatalf("%d entries, %v", last, err)
	}
}

func mustStore(t *testing.T, j journal.Journal, records []journal.Record, first uint64, duplicate bool) {
	t.Helper()
	results, err := j.Append(t.Context(), records...)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Seq != first+uint64(i) || r.Duplicate != duplicate {
			t.Fatalf("%q: %+v", records[i].ID, r)
		}
	}
}

// firstSchema is what the first version made.
var firstSchema = []string{
	`CREATE TABLE entries (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at INTEGER NOT NULL,
		journaled_at INTEGER NOT NULL, body BLOB NOT NULL, checksum INTEGER NOT NULL)`,
	`CREATE TABLE cursors (reader TEXT PRIMARY KEY, seq INTEGER NOT NULL)`,
	`CREATE TABLE snapshots (fold TEXT NOT NULL, seq INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (fold, seq))`,
	`PRAGMA user_version = 1`,
}

// TestFirstSchemaIsBroughtForward opens a file as the first version left it.
func TestFirstSchemaIsBroughtForward(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	now := open(t, place)
	mustStore(t, now, numbered(1, 20_000), 1, false)
	if err := now.SetCursor(t.Context(), "somebody", 7); err != nil {
		t.Fatal(err)
	}
	if err := now.Close(); err != nil {
		t.Fatal(err)
	}
	old := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(old, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	copied := []string{
		"ATTACH '" + filepath.Join(place, "journal.db") + "' AS now",
		"INSERT INTO entries SELECT seq, id, kind, at, journaled_at, body, checksum FROM now.entries",
		"INSERT INTO cursors SELECT reader, seq FROM now.cursors",
		"DETACH now",
	}
	for _, statement := range append(firstSchema, copied...) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	j := open(t, old)
	mustStore(t, j, numbered(1, 20_000), 1, true)
	mustStore(t, j, numbered(20_001, 20_001), 20_001, false)
	if at, err := j.Cursor(t.Context(), "somebody"); err != nil || at != 7 {
		t.Fatalf("cursor %d, %v", at, err)
	}
	if es, err := j.Read(t.Context(), 19_998, 10); err != nil || len(es) != 3 || es[0].ID != "r19999" {
		t.Fatalf("%+v, %v", es, err)
	}
}
