package updatelog_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/state/updatelog"
)

// TestSchemaVersions: a log from before there was a number gets it, and one of a newer
// version is refused, to read too, and left as it is.
func TestSchemaVersions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	l, err := updatelog.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetCursor(t.Context(), "series", 7); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	setVersion(t, path, 0)
	if l, err = updatelog.Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if at, err := l.Cursor(t.Context(), "series"); err != nil || at != 7 {
		t.Errorf("cursor %d, %v", at, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if v := version(t, path); v != 1 {
		t.Errorf("version %d", v)
	}
	setVersion(t, path, 99)
	_, writing := updatelog.Open(t.Context(), path)
	_, reading := updatelog.OpenToRead(t.Context(), path)
	for _, err := range []error{writing, reading} {
		if err == nil || !strings.Contains(err.Error(), "made by a newer version of htgateway: schema 99") {
			t.Errorf("%v", err)
		}
	}
	if v := version(t, path); v != 99 {
		t.Errorf("version %d", v)
	}
}

func setVersion(t *testing.T, path string, v int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", v)); err != nil {
		t.Fatal(err)
	}
}

func version(t *testing.T, path string) int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var v int
	if err := db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
