package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"htgateway/gateway/ops/backup"
)

// office is a data folder with two databases, which stay open, and a configuration.
func office(t *testing.T) (s backup.Set, write func(n int)) {
	t.Helper()
	dir := t.TempDir()
	var open []*sql.DB
	for _, name := range []string{"state.db", "journal.db"} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, name)+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE entries (seq INTEGER PRIMARY KEY, body TEXT)"); err != nil {
			t.Fatal(err)
		}
		open = append(open, db)
	}
	config := filepath.Join(t.TempDir(), "htgateway.yaml")
	if err := os.WriteFile(config, []byte("county: X\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	return backup.Set{DataDir: dir, Databases: []string{"state.db", "journal.db"}, Files: map[string]string{"config/htgateway.yaml": config}}, func(rows int) {
		for range rows {
			n++
			// As the gateway: the journal first, what is made of it after it.
			for i := len(open) - 1; i >= 0; i-- {
				if _, err := open[i].ExecContext(context.Background(), "INSERT INTO entries VALUES (?, ?)", n, strings.Repeat("x", 500)); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func none(string) {}

func TestBackupComesBack(t *testing.T) {
	t.Parallel()
	s, write := office(t)
	write(50)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				write(1)
			}
		}
	}()
	dir := filepath.Join(t.TempDir(), "b")
	m, err := backup.Make(t.Context(), s, dir, time.Now(), none)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	state, journal := m.Databases[0].Rows["entries"], m.Databases[1].Rows["entries"]
	if state < 50 || journal < state {
		t.Errorf("%d rows in the state, %d in the journal that it is made of", state, journal)
	}
	to, config := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "etc")
	if _, err := backup.Restore(t.Context(), dir, backup.Place{DataDir: to, ConfigDir: config}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(to, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows int64
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM entries").Scan(&rows); err != nil || rows != journal {
		t.Errorf("%d rows came back, %v", rows, err)
	}
	if text, err := os.ReadFile(filepath.Join(config, "htgateway.yaml")); err != nil || string(text) != "county: X\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	s, write := office(t)
	write(3)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Make(t.Context(), s, dir, time.Now(), none); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Make(t.Context(), s, dir, time.Now(), none); err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
		t.Errorf("a second backup: %v", err)
	}
	for _, there := range []string{"journal.db", "state.db", "state.db-wal"} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, there), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), dir, backup.Place{DataDir: data}); err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
			t.Errorf("over %s: %v", there, err)
		}
		if files, err := os.ReadDir(data); err != nil || len(files) != 1 {
			t.Errorf("over %s: %d files, %v", there, len(files), err)
		}
	}
}

func TestDamageIsSeen(t *testing.T) {
	t.Parallel()
	s, write := office(t)
	write(300)
	change := func(name string, edit func([]byte) []byte) func(string) error {
		return func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, name))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, name), edit(b), 0o600))
		}
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for name, damage := range map[string]func(dir string) error{
		"a bit":        change("journal.db", flip),
		"the end":      change("state.db", func(b []byte) []byte { return b[:len(b)-4096] }),
		"the manifest": change(backup.ManifestFile, func(b []byte) []byte { return b[:len(b)/2] }),
		"a count": change(backup.ManifestFile, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"entries": 300`, `"entries": 301`, 1))
		}),
		"a way out":      change(backup.ManifestFile, func(b []byte) []byte { return []byte(strings.Replace(string(b), "config/htg", "../../htg", 1)) }),
		"the config":     change("config/htgateway.yaml", flip),
		"a missing file": func(dir string) error { return os.Remove(filepath.Join(dir, "journal.db")) },
	} {
		dir := filepath.Join(t.TempDir(), "b")
		if _, err := backup.Make(t.Context(), s, dir, time.Now(), none); err != nil {
			t.Fatal(err)
		}
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(t.TempDir(), "data")
		if _, err := backup.Restore(t.Context(), dir, backup.Place{DataDir: data, ConfigDir: data}); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: something was put", name)
		}
	}
	if _, err := backup.Check(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no backup") {
		t.Error(err)
	}
	s.Databases = append(s.Databases, "missing.db")
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Make(t.Context(), s, dir, time.Now(), none); err == nil {
		t.Error("a database that is not there was backed up")
	}
	if left, err := filepath.Glob(dir + "*"); err != nil || len(left) != 0 {
		t.Error(fmt.Sprint(left, err))
	}
}
