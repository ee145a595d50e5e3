package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// incidentView is what the tests read of an incident.
type incidentView struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	Category   string `json:"category"`
	ExternalID string `json:"external_id"`
	District   string `json:"district"`
	Location   struct {
		Lat          float64 `json:"lat"`
		Lon          float64 `json:"lon"`
		RadiusM      float64 `json:"radius_m"`
		UncertaintyM float64 `json:"uncertainty_m"`
	} `json:"location"`
	Notes []struct {
		Text string `json:"text"`
	} `json:"notes"`
}

func listIncidents(s *sitetest.Site) []incidentView {
	s.T.Helper()
	var answer struct {
		Incidents []incidentView `json:"incidents"`
	}
	s.Get("/incidents", &answer)
	return answer.Incidents
}

// awaitThat asks again until something holds, for want of an event that tells it.
func awaitThat(s *sitetest.Site, what string, holds func() bool) {
	s.T.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			s.T.Fatalf("never: %s", what)
		}
	}
}

// drop puts a file into the watched folder as a good writer does: whole at once.
func drop(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name+".tmp"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, name+".tmp"), filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

func exists(path ...string) bool {
	_, err := os.Stat(filepath.Join(path...))
	return err == nil
}

// TestCADWritesFiles: incidents come from files, again by name and by content, and
// across a kill, and each is one incident; what is wrong is moved aside with the
// reason; a file that is not whole yet is waited for.
func TestCADWritesFiles(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	folder := filepath.Join(s.Dir, "cad")
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	s.Configure("cad: {folder: cad, poll: 100ms, settle: 300ms}\n")
	s.Start()
	drop(t, folder, "1.json", `{"category":"fire","external_id":"C-1","location":{"lat":-6.8364,"lon":108.2274}}`)
	drop(t, folder, "2.json", `[{"category":"health","external_id":"C-2"},{"category":"accident","external_id":"C-3"},{"category":"rescue"}]`)
	drop(t, folder, "bad.json", `[{"category":"boredom"},{"category":"crime","external_id":"C-4"}]`)
	drop(t, folder, "prose.JSON", `kebakaran di pasar`)
	if err := os.Symlink(filepath.Join(s.Dir, "units.yaml"), filepath.Join(folder, "link.json")); err != nil {
		t.Fatal(err)
	}
	half, err := os.Create(filepath.Join(folder, "half.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	if _, err := half.WriteString(`{"category":"disaster",`); err != nil {
		t.Fatal(err)
	}
	awaitThat(s, "files moved", func() bool {
		return exists(folder, "done", "1.json") && exists(folder, "done", "2.json") && exists(folder, "refused", "bad.json.reason") && exists(folder, "refused", "prose.JSON.reason")
	})
	if got := len(listIncidents(s)); got != 5 {
		t.Errorf("%d incidents, want 5", got)
	}
	if why, err := os.ReadFile(filepath.Join(folder, "refused", "bad.json.reason")); err != nil || !strings.Contains(string(why), `incident 1 of 2: invalid: category "boredom"`) {
		t.Errorf("%s, %v", why, err)
	}
	if !exists(folder, "half.json") || !exists(folder, "link.json") {
		t.Error("a file that is not whole, or a link, was moved")
	}
	if l := s.AwaitLink("cad-folder", func(l sitetest.Link) bool { return l.Errors == 2 }); l.State != "up" {
		t.Errorf("%+v", l)
	}
	s.Kill()
	// The kill may have come between the journal and the move: both files again.
	drop(t, folder, "1.json", `{"category":"fire","external_id":"C-1","location":{"lat":-6.7,"lon":108.3},"address":"Jl. KH Abdul Halim 12"}`)
	drop(t, folder, "2.json", `[{"category":"health","external_id":"C-2"},{"category":"accident","external_id":"C-3"},{"category":"rescue"}]`)
	drop(t, folder, "3.json", `{"external_id":"C-3","status":"cancelled","reason":"salah lapor"}`)
	if _, err := half.WriteString(`"external_id":"C-5"}`); err != nil {
		t.Fatal(err)
	}
	s.Start()
	awaitThat(s, "files moved", func() bool {
		return exists(folder, "done", "1-2.json") && exists(folder, "done", "2-2.json") && exists(folder, "done", "3.json") && exists(folder, "done", "half.json")
	})
	all := listIncidents(s)
	if len(all) != 6 {
		t.Errorf("%d incidents, want 6", len(all))
	}
	for _, in := range all {
		switch in.ExternalID {
		case "C-1":
			if in.Location.Lat != -6.7 || in.District == "" || len(in.Notes) != 1 || !strings.Contains(in.Notes[0].Text, "Abdul Halim") {
				t.Errorf("not corrected: %+v", in)
			}
		case "C-3":
			if in.Status != "cancelled" {
				t.Errorf("not cancelled: %+v", in)
			}
		}
	}
	// Over HTTP the same incident answers, and nothing is done twice.
	var again incidentView
	s.Post("/incidents", map[string]any{"category": "accident", "external_id": "C-3", "status": "cancelled"}, &again)
	if again.Status != "cancelled" || len(listIncidents(s)) != 6 {
		t.Errorf("%+v", again)
	}
	s.Stop()
}
