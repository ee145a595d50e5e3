package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/sitetest"
	"htgateway/telemetry"
	"htgateway/telemetry/influx/influxtest"
	"htgateway/telemetry/telemetrytest"
)

// TestRebuild makes the folds of a real run again, also after they were damaged.
func TestRebuild(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	var opened struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.Post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	events := s.Events("0")
	s.Press("13")
	s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	rebuild := func() (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), []string{"rebuild", "--data", s.Dir}, nil, &out, &out)
		return out.String(), code
	}
	if out, code := rebuild(); code != exitUsage || !strings.Contains(out, "another gateway has it open") {
		t.Errorf("while it runs: exit %d, %s", code, out)
	}
	s.Stop()
	equal := func(when string) {
		t.Helper()
		if out, code := rebuild(); code != exitDone || strings.Count(out, " equal\n") != 2 {
			t.Errorf("%s: exit %d, %s", when, code, out)
		}
	}
	equal("as it was")
	db, err := sql.Open("sqlite", filepath.Join(s.Dir, "data", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DELETE FROM updates WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "data", datadir.Series), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := rebuild(); code != exitData || strings.Count(out, "DIFFERENT") != 2 {
		t.Errorf("damaged: exit %d, %s", code, out)
	}
	equal("after the damage was repaired")
	// A file that is no database at all, and one that is damaged in its middle, are put
	// aside.
	state := filepath.Join(s.Dir, "data", datadir.Updates)
	whole, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for i, damaged := range [][]byte{[]byte(strings.Repeat("no database at all ", 500)), append(bytes.Clone(whole[:4096]), bytes.Repeat([]byte{0x5a}, len(whole)-4096)...)} {
		if err := os.WriteFile(state, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, code := rebuild(); code != exitData || !strings.Contains(out, "updates  before unreadable") || !strings.Contains(out, "damaged updates put aside") {
			t.Errorf("damage %d: exit %d, %s", i, code, out)
		}
		equal("after a damaged state.db was put aside")
	}
	if kept, err := filepath.Glob(state + ".damaged*"); err != nil || len(kept) != 2 {
		t.Errorf("kept %v, %v", kept, err)
	}
	// An erasure changes what the journal gives, and both give it.
	var out bytes.Buffer
	if code := run(t.Context(), []string{"erase", "--caller", opened.ID, "--by", "Siti", "--reason", "asked", "--data", s.Dir}, nil, &out, &out); code != exitDone {
		t.Fatalf("erase: exit %d, %s", code, out.String())
	}
	s.Start()
	s.Stop()
	equal("after an erasure")
}

// TestRebuildInfluxDB makes the series of a real run again in a real InfluxDB.
func TestRebuildInfluxDB(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	s := sitetest.New(t)
	s.Configure(fmt.Sprintf("telemetry: {store: influx, influx: {url: %q, org: o, bucket: %q}}\n", server.URL, server.Bucket(t)))
	s.Start()
	s.OpenIncident()
	s.Stop()
	rebuild := func() (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), []string{"rebuild", "--data", s.Dir}, nil, &out, &out)
		return out.String(), code
	}
	if out, code := rebuild(); code != exitDone || strings.Count(out, " equal\n") != 2 {
		t.Errorf("as it was: exit %d, %s", code, out)
	}
	// A point that no journal has, as a foreign hand may leave it, does not survive.
	c, err := config.Load(filepath.Join(s.Dir, "htgateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := datadir.OpenSeries(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ghost := telemetrytest.Fix("ghost", 1)
	ghost.Tags = slices.DeleteFunc(ghost.Tags, func(tag telemetry.Tag) bool { return tag.Key == "area" })
	ghost.Tags = append(ghost.Tags, telemetry.Tag{Key: "area", Value: c.ServiceArea()}) // another area's is not ours to remove
	slices.SortFunc(ghost.Tags, func(a, b telemetry.Tag) int { return strings.Compare(a.Key, b.Key) })
	if err := errors.Join(store.Write(t.Context(), []telemetry.Point{ghost}), store.Close()); err != nil {
		t.Fatal(err)
	}
	if out, code := rebuild(); code != exitData || strings.Count(out, "DIFFERENT") != 1 {
		t.Errorf("with a foreign point: exit %d, %s", code, out)
	}
	if out, code := rebuild(); code != exitDone {
		t.Errorf("after it: exit %d, %s", code, out)
	}
}
