package updatelog_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/updatelog"
)

// TestVersions: a file without a version, as the first gateways made it, is taken over;
// one of a newer program is refused with words.
func TestVersions(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	path := filepath.Join(place, "state.db")
	l := open(t, place)
	if err := l.Append(t.Context(), updates(1, 3)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	set := func(version string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("PRAGMA user_version = " + version); err != nil {
			t.Fatal(err)
		}
	}
	set("0")
	l = open(t, place)
	if l.Last() != 3 {
		t.Errorf("a file without a version has %d updates", l.Last())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	set("999")
	if _, err := updatelog.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "made by a newer version: schema 999") {
		t.Errorf("a file of a newer version: %v", err)
	}
}
