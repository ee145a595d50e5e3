package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"htgateway/gateway/sitetest"
)

// rush opens incidents as fast as the gateway takes them, until it is ended, and
// remembers those that were acknowledged.
type rush struct {
	mu   sync.Mutex
	ids  []string
	stop chan struct{}
	done sync.WaitGroup
}

func (l *rush) run(page string) {
	defer l.done.Done()
	for {
		select {
		case <-l.stop:
			return
		default:
		}
		resp, err := http.Post(page+"/api/v1/incidents", "application/json", strings.NewReader(`{"category":"fire","location":{"lat":-6.836,"lon":108.227}}`))
		if err != nil {
			continue // it ended
		}
		var opened struct{ ID string }
		if json.NewDecoder(resp.Body).Decode(&opened) == nil && resp.StatusCode == http.StatusCreated {
			l.mu.Lock()
			l.ids = append(l.ids, opened.ID)
			l.mu.Unlock()
		}
		_ = resp.Body.Close() // it was read
	}
}

func (l *rush) acknowledged() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.ids...)
}

// TestBackupUnderLoad: a backup of a gateway that is busy holds all that was
// acknowledged before it began; a gateway that starts on what is restored has it,
// and its journal gives the same folds.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	l := &rush{stop: make(chan struct{})}
	for range 4 {
		l.done.Add(1)
		go l.run(s.Page)
	}
	for len(l.acknowledged()) < 200 {
		s.Get("/links", &map[string]any{}) // as the page does meanwhile
	}
	before := l.acknowledged()
	command := func(args ...string) (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), args, nil, &out, &out)
		return out.String(), code
	}
	kept := filepath.Join(t.TempDir(), "backup")
	out, code := command("backup", "--config", filepath.Join(s.Dir, "htgateway.yaml"), "--output", kept)
	if code != exitDone || !strings.Contains(out, "backed up in") {
		t.Fatalf("exit %d, %s", code, out)
	}
	if during := len(l.acknowledged()); during == len(before) {
		t.Error("nothing was acknowledged while the backup was made: there was no rush")
	}
	close(l.stop)
	l.done.Wait()
	s.Stop()
	if out, code := command("restore", kept, "--check"); code != exitDone || !strings.Contains(out, "is whole") {
		t.Errorf("check: exit %d, %s", code, out)
	}
	if out, code := command("restore", kept, "--data", filepath.Join(s.Dir, "data")); code != exitData || !strings.Contains(out, "overwrites nothing") {
		t.Errorf("over the old folder: exit %d, %s", code, out)
	}
	// The office burned down: a new machine, with the folder of the backup.
	if err := os.RemoveAll(s.Dir); err != nil {
		t.Fatal(err)
	}
	if out, code := command("restore", kept, "--data", filepath.Join(s.Dir, "data"), "--config-dir", s.Dir); code != exitDone {
		t.Fatalf("exit %d, %s", code, out)
	}
	s.Start()
	var list struct{ Incidents []struct{ ID string } }
	s.Get("/incidents", &list)
	have := map[string]bool{}
	for _, in := range list.Incidents {
		have[in.ID] = true
	}
	for _, id := range before {
		if !have[id] {
			t.Fatalf("incident %s was acknowledged before the backup and is not in it; %d are", id, len(have))
		}
	}
	s.Stop()
	if out, code := command("rebuild", "--config", filepath.Join(s.Dir, "htgateway.yaml")); code != exitDone || strings.Count(out, " equal\n") != 2 {
		t.Errorf("rebuild: exit %d, %s", code, out)
	}
}
