package system

import (
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// journalAct puts an act into the site's journal while the gateway does not run.
func journalAct(s *sitetest.Site, a incident.Act) {
	s.T.Helper()
	j, err := sqlite.Open(s.T.Context(), filepath.Join(s.Dir, "data", datadir.Journal), sqlite.Options{Now: time.Now})
	if err != nil {
		s.T.Fatal(err)
	}
	defer j.Close()
	rec, err := journal.NewRecord(journal.KindAct, a.ID, a.At, a)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := j.Append(s.T.Context(), rec); err != nil {
		s.T.Fatal(err)
	}
}

// awaitForgotten waits until no file of the site holds a text.
func awaitForgotten(s *sitetest.Site, text string) {
	s.T.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	enough := time.After(time.Minute)
	for {
		found := sitetest.FilesHolding(s.T, filepath.Join(s.Dir, "data"), text)
		if len(found) == 0 {
			return
		}
		select {
		case <-again.C:
		case <-enough:
			s.T.Fatalf("%q is still in %v\n%s", text, found, s.Log)
		}
	}
}

// TestInterruptedErasureIsFinished: the power failed when the act of an erasure was
// in the journal and nothing else of it was done.
func TestInterruptedErasureIsFinished(t *testing.T) {
	t.Parallel()
	const name = "Bu Aminah Kertajati"
	s := sitetest.New(t)
	s.Start()
	var opened struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "caller": name, "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.Post("/incidents/"+opened.ID+"/notes", map[string]string{"text": name + " menunggu"}, nil)
	s.Stop()
	if found := sitetest.FilesHolding(t, filepath.Join(s.Dir, "data"), name); len(found) < 2 {
		t.Fatalf("the caller stands in %v only: the test proves nothing", found)
	}
	journalAct(s, incident.Act{ID: "erase-1", Kind: incident.ActErase, Incident: opened.ID, By: "Siti", At: time.Now().UTC(), Reason: "asked"})
	s.Start()
	awaitForgotten(s, name)
	s.Stop()
}

// TestCallersAreForgottenInTime: an incident that was closed longer ago than callers
// are kept loses its caller, by an act that says so; a younger one does not.
func TestCallersAreForgottenInTime(t *testing.T) {
	t.Parallel()
	const old, young = "Bu Aminah Kertajati", "Pak Dedi Jatiwangi"
	s := sitetest.New(t)
	s.Configure("retention: {callers: 48h}\n")
	s.Start()
	s.Stop()
	ago := func(hours int) time.Time { return time.Now().Add(-time.Duration(hours) * time.Hour).UTC() }
	for id, c := range map[string]struct {
		caller string
		at     time.Time
	}{"i-old": {old, ago(60)}, "i-young": {young, ago(40)}} {
		journalAct(s, incident.Act{ID: "open-" + id, Kind: incident.ActOpen, Incident: id, By: "desk", At: c.at, Opening: &incident.Opening{Number: id, Category: "fire", ReceivedAt: c.at, Caller: c.caller}})
		journalAct(s, incident.Act{ID: "close-" + id, Kind: incident.ActCancel, Incident: id, By: "desk", At: c.at.Add(time.Hour), Reason: "x"})
	}
	s.Start()
	awaitForgotten(s, old)
	for _, in := range []string{"i-old", "i-young"} {
		var shown struct {
			Caller         string
			CallerErasedAt time.Time `json:"caller_erased_at"`
		}
		s.Get("/incidents/"+in, &shown)
		if want := map[string]string{"i-young": young}[in]; shown.Caller != want || shown.CallerErasedAt.IsZero() != (in == "i-young") {
			t.Errorf("%s: %+v", in, shown)
		}
	}
	s.Stop()
	marked := false
	j, err := sqlite.OpenToRead(t.Context(), filepath.Join(s.Dir, "data", datadir.Journal))
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
