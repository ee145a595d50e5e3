package sqlitelog_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	journaldb "htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/backup"
	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry"
	series "htgateway/telemetry/sqlite"
)

// TestAnyFolderName: journal, update log and series are written, read, rewritten and
// backed up in a folder whose name SQLite would read as something else, and nothing is
// written elsewhere.
func TestAnyFolderName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain", "two words", "50%", "a%20b", "why?mode=memory", "no#1", "a&b=c;d", "+é"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, name)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			writeJournal(t, filepath.Join(dir, "journal.db"))
			writeUpdates(t, filepath.Join(dir, "state.db"))
			writeSeries(t, filepath.Join(dir, "series.db"))
			m, err := backup.Make(t.Context(), backup.Set{DataDir: dir, Databases: []string{"journal.db", "state.db", "series.db"}, Journal: "journal.db"}, filepath.Join(dir, "backup"), time.Now(), func(string) {})
			if err != nil || m.Databases[0].Rows["entries"] != 1 || m.Databases[1].Rows["updates"] != 1 || m.Databases[2].Rows["points"] != 1 {
				t.Errorf("%+v %v", m, err)
			}
			if got := names(t, root); !slices.Equal(got, []string{name}) {
				t.Errorf("beside the folder are %q", got)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"backup", "journal.db", "journal.db.lock", "series.db", "state.db"}) {
				t.Errorf("the folder holds %q", got)
			}
		})
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".db-wal" && ext != ".db-shm" { // a copy that only reads leaves them
			out = append(out, e.Name())
		}
	}
	return out
}

func writeJournal(t *testing.T, path string) {
	t.Helper()
	j, err := journaldb.Open(t.Context(), path, journaldb.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	rec := journal.Record{ID: "a1", Kind: journal.KindAct, At: time.Now(), Body: []byte(`{"id":"a1"}`)}
	if _, err := j.Append(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	entries, err := j.Read(t.Context(), 0, 1)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	entries[0].Body = []byte(`{"id":"a1","text":"rewritten"}`)
	if err := j.Rewrite(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	r, err := journaldb.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Read(t.Context(), 0, 1)
	if err != nil || len(got) != 1 || string(got[0].Body) != string(entries[0].Body) {
		t.Errorf("read %+v, %v", got, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func writeUpdates(t *testing.T, path string) {
	t.Helper()
	l, err := updatelog.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	u := incident.Update{Seq: 1, ID: "u1", JournalSeq: 1, Kind: incident.UpdateOpened, Incident: "i1", At: time.Now()}
	if err := l.Append(t.Context(), []incident.Update{u}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.ForgetPlaces(t.Context(), []uint64{1}); err != nil {
		t.Fatal(err)
	}
	r, err := updatelog.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, update, err := r.Folded(t.Context()); err != nil || update != 1 {
		t.Errorf("read update %d, %v", update, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func writeSeries(t *testing.T, path string) {
	t.Helper()
	s, err := series.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	p := telemetry.Point{Measurement: telemetry.UnitFix, Time: time.Now(), Tags: []telemetry.Tag{{Key: "unit", Value: "damkar-1"}}, Fields: []telemetry.Field{{Key: "lat", Value: -6.8}}}
	if err := s.Write(t.Context(), []telemetry.Point{p}); err != nil {
		t.Fatal(err)
	}
	r, err := series.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range r.Points(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("read %d points", n)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
