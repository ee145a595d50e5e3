package main

import (
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// journalAct puts an act into the site's journal while the gateway does not run.
func (s *site) journalAct(a incident.Act) {
	s.t.Helper()
	j, err := sqlite.Open(s.t.Context(), filepath.Join(s.dir, "data", datadir.Journal), sqlite.Options{Now: time.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	defer j.Close()
	rec, err := journal.NewRecord(journal.KindAct, a.ID, a.At, a)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := j.Append(s.t.Context(), rec); err != nil {
		s.t.Fatal(err)
	}
}

// forgotten waits until no file of the site holds a text.
func (s *site) forgotten(text string) {
	s.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	enough := time.After(time.Minute)
	for {
		found := holding(s.t, filepath.Join(s.dir, "data"), text)
		if len(found) == 0 {
			return
		}
		select {
		case <-again.C:
		case <-enough:
			s.t.Fatalf("%q is still in %v\n%s", text, found, s.log)
		}
	}
}

// TestInterruptedErasureIsFinished: the power failed when the act of an erasure was
// in the journal and nothing else of it was done.
func TestInterruptedErasureIsFinished(t *testing.T) {
	t.Parallel()
	const name = "Bu Aminah Kertajati"
	s := newSite(t)
	s.start()
	var opened struct{ ID string }
	s.post("/incidents", map[string]any{"category": "fire", "caller": name, "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.post("/incidents/"+opened.ID+"/notes", map[string]string{"text": name + " menunggu"}, nil)
	s.stop()
	if found := holding(t, filepath.Join(s.dir, "data"), name); len(found) < 2 {
		t.Fatalf("the caller stands in %v only: the test proves nothing", found)
	}
	s.journalAct(incident.Act{ID: "erase-1", Kind: incident.ActErase, Incident: opened.ID, By: "Siti", At: time.Now().UTC(), Reason: "asked"})
	s.start()
	s.forgotten(name)
	s.stop()
}

// TestCallersAreForgottenInTime: an incident that was closed longer ago than callers
// are kept loses its caller, by an act that says so; a younger one does not.
func TestCallersAreForgottenInTime(t *testing.T) {
	t.Parallel()
	const old, young = "Bu Aminah Kertajati", "Pak Dedi Jatiwangi"
	s := newSite(t)
	s.configure("retention: {callers: 48h}\n")
	s.start()
	s.stop()
	ago := func(hours int) time.Time { return time.Now().Add(-time.Duration(hours) * time.Hour).UTC() }
	for id, c := range map[string]struct {
		caller string
		at     time.Time
	}{"i-old": {old, ago(60)}, "i-young": {young, ago(40)}} {
		s.journalAct(incident.Act{ID: "open-" + id, Kind: incident.ActOpen, Incident: id, By: "desk", At: c.at, Opening: &incident.Opening{Number: id, Category: "fire", ReceivedAt: c.at, Caller: c.caller}})
		s.journalAct(incident.Act{ID: "close-" + id, Kind: incident.ActCancel, Incident: id, By: "desk", At: c.at.Add(time.Hour), Reason: "x"})
	}
	s.start()
	s.forgotten(old)
	for _, in := range []string{"i-old", "i-young"} {
		var shown struct {
			Caller         string
			CallerErasedAt time.Time `json:"caller_erased_at"`
		}
		s.get("/incidents/"+in, &shown)
		if want := map[string]string{"i-young": young}[in]; shown.Caller != want || shown.CallerErasedAt.IsZero() != (in == "i-young") {
			t.Errorf("%s: %+v", in, shown)
		}
	}
	s.stop()
	marked := false
	j, err := sqlite.OpenToRead(t.Context(), filepath.Join(s.dir, "data", datadir.Journal))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for e, err := range j.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if ev, is, err := incident.EventOf(e); err == nil && is && ev.Act != nil && ev.Act.Kind == incident.ActErase {
			marked = ev.Act.By == "retention" && ev.Act.Incident == "i-old" && ev.Act.Reason != ""
		}
	}
	if !marked {
		t.Error("no mark in the journal")
	}
}
