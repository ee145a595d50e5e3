package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRebuild makes the folds of a real run again, also after they were damaged.
func TestRebuild(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	var opened struct{ ID string }
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	events := s.events("0")
	s.press("13")
	s.await(events, "the arrival", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	rebuild := func() (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), []string{"rebuild", "--data", s.dir}, nil, &out, &out)
		return out.String(), code
	}
	if out, code := rebuild(); code != exitUsage || !strings.Contains(out, "another gateway has it open") {
		t.Errorf("while it runs: exit %d, %s", code, out)
	}
	s.stop()
	equal := func(when string) {
		t.Helper()
		if out, code := rebuild(); code != exitDone || strings.Count(out, " equal\n") != 2 {
			t.Errorf("%s: exit %d, %s", when, code, out)
		}
	}
	equal("as it was")
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "data", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DELETE FROM updates WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "data", seriesFile), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := rebuild(); code != exitData || strings.Count(out, "DIFFERENT") != 2 {
		t.Errorf("damaged: exit %d, %s", code, out)
	}
	equal("after the damage was repaired")
}
