package sqlitelog_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"htgateway/gateway/journal/sqlitelog"
)

// TestUncommittedIsWhatSQLiteLeavesOut cuts a log off at random places, as a process that
// was killed leaves it, and holds what is said of it to what SQLite then has.
func TestUncommittedIsWhatSQLiteLeavesOut(t *testing.T) {
	t.Parallel()
	const head, frame, commits = 32, 24 + 4096, 12
	from := filepath.Join(t.TempDir(), "a.db")
	db, err := sqlitelog.Open(from, sqlitelog.Options{Access: sqlitelog.Create, Pragmas: []string{"journal_mode(WAL)"}})
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE entries (seq INTEGER PRIMARY KEY, text TEXT)")
	exec("PRAGMA wal_checkpoint(TRUNCATE)")
	for range commits {
		exec("INSERT INTO entries (text) VALUES (hex(zeroblob(3000)))")
	}
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	file, log := read(from), read(from+"-wal")
	for range 40 {
		at := rand.IntN(len(log) + 1)
		path := filepath.Join(t.TempDir(), fmt.Sprint(at))
		for name, content := range map[string][]byte{path: file, path + "-wal": log[:at]} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		end, whole := min(head, at), 0
		for page := head; page+frame <= at; page += frame {
			if binary.BigEndian.Uint32(log[page+4:]) > 0 { // the last of a commit
				end, whole = page+frame, whole+1
			}
		}
		size, err := sqlitelog.WALSize(path)
		if err != nil || size != int64(at) {
			t.Fatalf("size %d of %d, %v", size, at, err)
		}
		torn, err := sqlitelog.Open(path, sqlitelog.Options{Access: sqlitelog.Write, Pragmas: []string{"journal_mode(WAL)"}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := sqlitelog.Uncommitted(t.Context(), torn, size)
		if err != nil || got != int64(at-end) {
			t.Errorf("cut at %d of %d: %d bytes are said to be uncommitted, not %d; %v", at, len(log), got, at-end, err)
		}
		var rows int
		if err := torn.QueryRow("SELECT count(*) FROM entries").Scan(&rows); err != nil || rows != whole {
			t.Errorf("cut at %d of %d: %d rows, not %d; %v", at, len(log), rows, whole, err)
		}
		if err := torn.Close(); err != nil {
			t.Error(err)
		}
	}
	if size, err := sqlitelog.WALSize(filepath.Join(t.TempDir(), "none.db")); err != nil || size != 0 {
		t.Errorf("no log has %d bytes, %v", size, err)
	}
}
