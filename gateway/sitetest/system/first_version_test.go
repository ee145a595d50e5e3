package system

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// TestJournalOfTheFirstVersion opens what the first version wrote (testdata/first-landed):
// it migrates forward, every entry is as it was, and the newest tracker finds in it every
// incident and milestone that the first one found.
func TestJournalOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	dir := firstVersion(t)
	path := filepath.Join(dir, "journal.db")
	if _, err := sqlite.OpenToRead(t.Context(), path); err == nil || !strings.Contains(err.Error(), "its schema is 1") {
		t.Fatalf("the file is not of the first version: %v", err)
	}
	j, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(filepath.Join(dir, "htgateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := sqlite.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tracker := tracker.New(c.TrackerSettings())
	found := map[string]bool{}
	entries := 0
	for e, err := range r.Entries(t.Context()) { // which holds each to its checksum
		if err != nil {
			t.Fatal(err)
		}
		entries++
		ev, is, err := incident.EventOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if !is {
			continue
		}
		for _, u := range tracker.Apply(ev) {
			if m := u.Milestone; m != nil {
				unit := m.Unit
				if unit == "" {
					unit = "-"
				}
				found[u.Number+" "+unit+" "+string(m.Name)] = true
			}
		}
	}
	if last, err := r.Last(t.Context()); err != nil || uint64(entries) != last || last < 2000 {
		t.Errorf("%d entries of %d, %v", entries, last, err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "first-landed", "milestones.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(want)) {
		if line = strings.TrimSpace(line); !found[line] {
			t.Errorf("the first version found %q, this one does not", line)
		}
	}
	if len(tracker.Incidents()) != 12 {
		t.Errorf("%d incidents", len(tracker.Incidents()))
	}
}

// TestFirstVersionGoesOn: commands work on a folder that the first version left, once the
// newest has rebuilt what it makes of the journal.
func TestFirstVersionGoesOn(t *testing.T) {
	t.Parallel()
	dir := firstVersion(t)
	configuration := filepath.Join(dir, "htgateway.yaml")
	command := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		code := sitetest.Run(t.Context(), t, append(args, "--config", configuration), nil, &out, &errs)
		// There were no updates and no series: a rebuild says that it made them anew.
		if anew := args[0] == "rebuild" && code == sitetest.ExitData && strings.Contains(errs.String(), "it is now made anew"); code != sitetest.ExitDone && !anew {
			t.Fatalf("%v: exit %d, %s", args, code, errs.String())
		}
		return out.String()
	}
	command("rebuild")
	var sheet struct {
		Arrivals []struct{ Unit string }
	}
	if err := json.Unmarshal([]byte(command("record", "20261124-001", "--format", "json")), &sheet); err != nil || len(sheet.Arrivals) == 0 {
		t.Errorf("%v: %+v", err, sheet)
	}
}

// firstVersion is a copy of the folder that the first version left, with a configuration.
func firstVersion(t *testing.T) string {
	t.Helper()
	dir, from := t.TempDir(), filepath.Join("testdata", "first-landed")
	packed, err := os.Open(filepath.Join(from, "journal.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	units, err := os.ReadFile(filepath.Join(from, "units.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"journal.db": journal, "units.yaml": units,
		"htgateway.yaml": []byte("http: {listen: \"127.0.0.1:0\"}\ndata: {dir: .}\nunits_file: units.yaml\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
