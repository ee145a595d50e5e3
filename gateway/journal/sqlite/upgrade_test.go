package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// TestFirstVersionOpens: testdata/first-version.db was made by the journal as it first
// was (commit da5f800). The newest reads all of it, knows its reports again and goes on.
func TestFirstVersionOpens(t *testing.T) {
	t.Parallel()
	old, err := os.ReadFile("testdata/first-version.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := sqlite.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	entries, err := j.Read(t.Context(), 0, 100)
	if err != nil || len(entries) != 20 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	began := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	for i, e := range entries {
		r, err := journal.Decode[devices.Report](e)
		if err != nil {
			t.Fatal(err)
		}
		at := began.Add(time.Duration(i) * time.Second)
		if e.Seq != uint64(i)+1 || e.ID != fmt.Sprintf("r%02d", i) || !e.At.Equal(at) || !e.JournaledAt.Equal(at.Add(time.Second)) ||
			r.Device != "fleetsync:102-1001" || r.StatusCode != fmt.Sprint(12+i%3) || string(r.Raw) != "$PKLID" {
			t.Errorf("entry %d: %+v %+v", i, e, r)
		}
	}
	fresh := entries[5].Record
	fresh.ID = "r20"
	results, err := j.Append(t.Context(), entries[5].Record, fresh)
	if err != nil || !results[0].Duplicate || results[0].Seq != 6 || results[1].Duplicate || results[1].Seq != 21 {
		t.Errorf("appended: %+v, %v", results, err)
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, options()); err == nil || !strings.Contains(err.Error(), "made by a newer version: schema 999") {
		t.Errorf("a journal of a newer version: %v", err)
	}
}
