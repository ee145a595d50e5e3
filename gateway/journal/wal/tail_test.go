package wal

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// written makes a database whose log holds so many commits, as a process that was
// killed leaves it, and returns its log with where each commit ends.
func written(t testing.TB, path string, commits int) (log []byte, ends []int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(40)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE entries (seq INTEGER PRIMARY KEY, text TEXT)"); err != nil {
		t.Fatal(err)
	}
	for i := range commits + 1 {
		if _, err := db.Exec("INSERT INTO entries (text) SELECT ? WHERE ? > 0", fmt.Sprintf("%d %0500d", i, i), i); err != nil { // the first one is the table
			t.Fatal(err)
		}
		log, err = os.ReadFile(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		whole, err := readTail(bytes.NewReader(log), int64(len(log)))
		if err != nil || whole.LeftOut != 0 || whole.Pages == 0 {
			t.Fatalf("commit %d: %+v %v", i, whole, err)
		}
		page := int64(4096 + frameBytes)
		ends = append(ends, headBytes+int64(whole.Pages)*page)
	}
	return log, ends
}

// TestTailIsWhatSQLiteLeavesOut tears a log, also one that began at the front again,
// at random places and holds what is said of it to what SQLite then has.
func TestTailIsWhatSQLiteLeavesOut(t *testing.T) {
	t.Parallel()
	for _, commits := range []int{5, 19, 40} { // 40 pages are carried into the file, and the log begins again
		dir := t.TempDir()
		log, ends := written(t, filepath.Join(dir, "a.db"), commits)
		end := ends[len(ends)-1]
		for range 40 {
			at := rand.Int64N(end)
			torn := append([]byte(nil), log...)
			what := rand.IntN(3)
			switch what {
			case 0:
				torn = torn[:at]
			case 1:
				clear(torn[at:min(at+512, end)])
			case 2:
				torn[at] ^= 0x10
			}
			if bytes.Equal(torn, log) {
				continue
			}
			for what == 1 && torn[at] == log[at] {
				at++ // it was zero before
			}
			said, err := readTail(bytes.NewReader(torn), int64(len(torn)))
			if err != nil {
				t.Fatal(err)
			}
			if kept := headBytes + int64(said.Pages)*(4096+frameBytes); said.Pages > 0 && kept > at {
				t.Errorf("torn at %d in way %d, and %d pages are kept", at, what, said.Pages)
			}
			// A log cut off at the end of a commit, or before the first, is not torn.
			whole := what == 0 && at == headBytes
			for _, e := range ends {
				whole = whole || what == 0 && at == e
			}
			if said.LeftOut == 0 && !whole && at > 0 {
				t.Errorf("torn at %d of %d in way %d, and nothing is said of it", at, end, what)
			}
		}
	}
}

// FuzzReadTail: any bytes have a tail that lies within them.
func FuzzReadTail(f *testing.F) {
	log, _ := written(f, filepath.Join(f.TempDir(), "a.db"), 3)
	f.Add(log)
	f.Add(log[:len(log)-100])
	f.Add(log[:40])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, log []byte) {
		tail, err := readTail(bytes.NewReader(log), int64(len(log)))
		if err != nil || tail.LeftOut < 0 || tail.LeftOut > int64(len(log)) {
			t.Fatalf("%+v of %d bytes, %v", tail, len(log), err)
		}
	})
}
