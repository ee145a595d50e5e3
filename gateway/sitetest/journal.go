package sitetest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// AppendJournal writes what the journal of a gateway held before the test begins.
func (s *Site) AppendJournal(records ...journal.Record) {
	s.T.Helper()
	dir := filepath.Join(s.Dir, "data")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		s.T.Fatal(err)
	}
	j, err := sqlite.Open(s.T.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := j.Append(s.T.Context(), records...); err != nil {
		s.T.Fatal(err)
	}
	if err := j.Close(); err != nil {
		s.T.Fatal(err)
	}
}

// NewRecord is a record of the journal that takes its body as JSON.
func NewRecord(t *testing.T, kind journal.Kind, id string, at time.Time, body any) journal.Record {
	t.Helper()
	r, err := journal.NewRecord(kind, id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Reports reads the reports of a gateway's journal, also while it runs.
func (s *Site) Reports() (all []devices.Report, journaledAt map[string]time.Time) {
	s.T.Helper()
	j, err := sqlite.OpenToRead(s.T.Context(), filepath.Join(s.Dir, "data", "journal.db"))
	if err != nil {
		s.T.Fatal(err)
	}
	defer j.Close()
	journaledAt = map[string]time.Time{}
	for e, err := range j.Entries(s.T.Context()) {
		if err != nil {
			s.T.Fatal(err)
		}
		if e.Kind != journal.KindReport {
			continue
		}
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			s.T.Fatal(err)
		}
		if _, twice := journaledAt[r.ID]; twice {
			s.T.Fatalf("report %s is there twice", r.ID)
		}
		all, journaledAt[r.ID] = append(all, r), e.JournaledAt
	}
	return all, journaledAt
}

// StoredReports reads a journal's reports.
func StoredReports(t *testing.T, path string) []devices.Report {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var out []devices.Report
	for after := uint64(0); ; {
		entries, err := j.Read(t.Context(), after, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return out
		}
		for _, e := range entries {
			after = e.Seq
			if e.Kind != journal.KindReport {
				continue
			}
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				t.Fatal(err)
			}
			out = append(out, r)
		}
	}
}

// FilesHolding lists the files of a folder whose bytes hold a text.
func FilesHolding(t testing.TB, dir, text string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			out = append(out, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
