package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
	"htgateway/gateway/state/updatelog"
)

// folded is what the site's journal tells of its incidents, folded from nothing.
func folded(s *sitetest.Site) []incident.Incident {
	s.T.Helper()
	c, err := config.Load(filepath.Join(s.Dir, "htgateway.yaml"))
	if err != nil {
		s.T.Fatal(err)
	}
	j, err := sqlite.OpenToRead(s.T.Context(), filepath.Join(c.Data.Dir, datadir.Journal))
	if err != nil {
		s.T.Fatal(err)
	}
	defer j.Close()
	tracker := tracker.New(c.TrackerSettings())
	for e, err := range j.Entries(s.T.Context()) {
		if err != nil {
			s.T.Fatal(err)
		}
		ev, is, err := incident.EventOf(e)
		if err != nil {
			s.T.Fatal(err)
		}
		if is {
			tracker.Apply(ev)
		}
	}
	return tracker.Incidents()
}

// TestEraseCaller: after it no file of the gateway holds the caller, whether the
// gateway ran or not, the journal folds to the same incidents otherwise, and says
// who erased, when and why.
func TestEraseCaller(t *testing.T) {
	t.Parallel()
	for how, whileRunning := range map[string]bool{"running": true, "stopped": false} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			const name, said = "Bu Aminah Kertajati", "Jl. Siliwangi 12"
			s := sitetest.New(t)
			s.Start()
			var opened, other struct{ ID, Number, Caller string }
			call := map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}, "external_id": "cad-1",
				"address": said + ", rumah " + name}
			s.Post("/incidents", call, &opened)
			s.Post("/incidents", map[string]any{"category": "fire", "caller": "Pak Dedi Jatiwangi", "location": call["location"]}, &other)
			call["caller"] = name // the call-taking system tells later: a note
			s.Post("/incidents", call, nil)
			s.Post("/incidents/"+opened.ID+"/notes", map[string]string{"text": name + " menunggu di jalan"}, nil)
			s.Post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
			events := s.Events("0")
			s.Press("13")
			s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
			if found := sitetest.FilesHolding(t, s.Dir, name); len(found) == 0 {
				t.Fatal("the caller was never stored: the test proves nothing")
			}
			file := filepath.Join(s.Dir, "htgateway.yaml")
			if whileRunning {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				text = bytes.Replace(text, []byte("127.0.0.1:0"), []byte(strings.TrimPrefix(s.Page, "http://")), 1)
				if err := os.WriteFile(file, text, 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				s.Stop()
			}
			before := folded(s)
			var out bytes.Buffer
			began := time.Now()
			code := run(t.Context(), []string{"erase", "--caller", opened.Number, "--by", "Siti", "--reason", "permintaan pelapor", "--config", file}, nil, &out, &out)
			if code != exitDone || !strings.Contains(out.String(), opened.Number) {
				t.Fatalf("exit %d: %s", code, out.String())
			}
			if found := sitetest.FilesHolding(t, s.Dir, name); len(found) > 0 {
				t.Errorf("still in %v", found)
			}
			if whileRunning {
				var shown struct {
					Caller, Address string
					CallerErasedAt  time.Time `json:"caller_erased_at"`
					Notes           []struct{ Text string }
				}
				s.Get("/incidents/"+opened.ID, &shown)
				if shown.Caller != "" || shown.CallerErasedAt.Before(began.Add(-time.Minute)) || !strings.Contains(shown.Address, said) || strings.Contains(shown.Notes[1].Text, name) {
					t.Errorf("shown %+v", shown)
				}
				s.Post("/incidents", call, nil) // the call-taking system says it again
				s.Stop()
			}
			if found := sitetest.FilesHolding(t, s.Dir, name); len(found) > 0 {
				t.Errorf("in %v when the gateway has stopped", found)
			}
			if found := sitetest.FilesHolding(t, s.Dir, "Pak Dedi Jatiwangi"); len(found) == 0 {
				t.Error("the other caller is forgotten too")
			}
			after := folded(s)
			for i := range before {
				for _, text := range []*string{&before[i].Address, &before[i].Caller} {
					*text = strings.ReplaceAll(*text, name, incident.Erased)
				}
				for n := range before[i].Notes {
					before[i].Notes[n].Text = strings.ReplaceAll(before[i].Notes[n].Text, name, incident.Erased)
				}
				if before[i].ID == opened.ID {
					before[i].CallerErasedAt = after[i].CallerErasedAt
					after[i].Address = strings.TrimSpace(after[i].Address)
				}
			}
			if whileRunning { // what the call-taking system repeated is news to nobody
				for i := range after {
					after[i].Notes = after[i].Notes[:len(before[i].Notes)]
				}
			}
			if !reflect.DeepEqual(before, after) {
				t.Errorf("folded again\n got %+v\nwant %+v", after, before)
			}
			// It can be started again, and its updates tell of the erasure.
			s.Start()
			s.Stop()
			updates, err := updatelog.Open(t.Context(), filepath.Join(s.Dir, "data", "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer updates.Close()
			all, err := updates.Read(t.Context(), 0, 1000)
			if err != nil || !slices.ContainsFunc(all, func(u incident.Update) bool {
				return u.Kind == incident.UpdateChanged && strings.Contains(u.Text, "permintaan pelapor")
			}) {
				t.Errorf("no update of the erasure: %v in %d", err, len(all))
			}
		})
	}
}

func TestEraseWrongUse(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	var in struct{ Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "caller": "Bu Aminah", "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &in)
	s.Stop()
	file := filepath.Join(s.Dir, "htgateway.yaml")
	for _, c := range []struct {
		incident, by, reason, want string
		code                       int
	}{
		{"20200101-001", "Siti", "asked", "no incident", exitData},
		{in.Number, " ", "asked", "--by and --reason", exitUsage},
		{in.Number, "Siti", "Bu Aminah asked", "--reason names the caller", exitUsage},
	} {
		var out bytes.Buffer
		code := run(t.Context(), []string{"erase", "--caller", c.incident, "--by", c.by, "--reason", c.reason, "--config", file}, nil, &out, &out)
		if code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%+v: exit %d, %s", c, code, out.String())
		}
	}
}

// TestEraseCallerOfLongAgo: a running gateway finds an incident by its number, its id or a
// CAD's, however many came after it.
func TestEraseCallerOfLongAgo(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	s.Stop()
	const later = 1200 // more than one page of the list
	callers := []string{"Bu Aminah", "Pak Dedi", "Bu Euis"}
	at := time.Now().Add(-400 * 24 * time.Hour).UTC()
	var records []journal.Record
	for n := range later + len(callers) {
		o := incident.Opening{Number: fmt.Sprintf("20251023-%04d", n), Category: "fire", ReceivedAt: at.Add(time.Duration(n) * time.Second), ExternalID: fmt.Sprint("C-", n)}
		if n < len(callers) {
			o.Caller = callers[n]
		}
		id := fmt.Sprint("a", n)
		records = append(records, sitetest.NewRecord(t, journal.KindAct, id, o.ReceivedAt, incident.Act{ID: id, Kind: incident.ActOpen, Incident: fmt.Sprint("i", n), By: "cad", At: o.ReceivedAt, Opening: &o}))
	}
	s.AppendJournal(records...)
	s.Start()
	file := filepath.Join(s.Dir, "htgateway.yaml")
	s.ReplaceConfig("127.0.0.1:0", strings.TrimPrefix(s.Page, "http://"))
	for n, name := range []string{"20251023-0000", "i1", "C-2"} {
		var out bytes.Buffer
		code := run(t.Context(), []string{"erase", "--caller", name, "--by", "Siti", "--reason", "asked", "--config", file}, nil, &out, &out)
		if code != exitDone || !strings.Contains(out.String(), fmt.Sprintf("20251023-%04d", n)) {
			t.Errorf("%s: exit %d, %s", name, code, out.String())
		}
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"erase", "--caller", "20251023-9999", "--by", "Siti", "--reason", "asked", "--config", file}, nil, &out, &out); code != exitData {
		t.Errorf("one that is not there: exit %d, %s", code, out.String())
	}
	for _, caller := range callers {
		if found := sitetest.FilesHolding(t, filepath.Join(s.Dir, "data"), caller); len(found) > 0 {
			t.Errorf("%s is still in %v", caller, found)
		}
	}
	s.Stop()
}
