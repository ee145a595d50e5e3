package faults

import (
	"database/sql"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// TestFaultsDamagedRecord: one record of the journal, an arrival's key, rots on the disk.
// The gateway starts and takes what comes, everything else is in the record, and it says
// which record is missing; the tools that must be exact refuse.
func TestFaultsDamagedRecord(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	events, id := s.Events(""), s.OpenIncident()
	reached := map[string]string{} // by milestone, the report that says so
	for _, k := range [][2]string{{"12", "en_route"}, {"13", "on_scene"}} {
		name := k[1]
		s.Press(k[0])
		u := s.Await(events, name, func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == name })
		reached[name] = u.Report
	}
	s.Stop()
	damage := func(from, to string, entry any) (seq uint64, err error) {
		db, err := sql.Open("sqlite", filepath.Join(s.Dir, "data", "journal.db"))
		if err != nil {
			return 0, err
		}
		defer db.Close()
		err = db.QueryRow("UPDATE entries SET body = replace(body, ?1, ?2) WHERE id = ?3 OR seq = ?3 RETURNING seq", from, to, entry).Scan(&seq)
		return seq, err
	}
	entry, err := damage("1001", "1O01", reached["on_scene"])
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	l := s.AwaitLink("journal", func(l sitetest.Link) bool { return l.Why != "" })
	if l.State != "up" || !strings.Contains(l.Why, "1 catatan rusak") || !strings.Contains(l.Why, "restore the newest backup") {
		t.Errorf("%+v", l)
	}
	milestones := func() map[string]bool {
		var in struct{ Milestones []struct{ Milestone string } }
		s.Get("/incidents/"+id, &in)
		have := map[string]bool{}
		for _, m := range in.Milestones {
			have[m.Milestone] = true
		}
		return have
	}
	if have := milestones(); !have["en_route"] || have["on_scene"] {
		t.Errorf("%v", have)
	}
	s.AwaitLink("roof", func(l sitetest.Link) bool { return l.State == "up" })
	events = s.Events("")
	s.Press("14") // it goes on
	s.Await(events, "another key", func(u sitetest.Update) bool { return u.Kind == "status" && u.Report != "" })
	resp, err := http.Get(s.Page + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if metrics, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(metrics), "\nhtgateway_journal_damaged_entries 1\n") {
		t.Errorf("not in the metrics: %v", err)
	}
	s.Stop()

	// The record is well again: what it said is in the record again.
	if _, err := damage("1O01", "1001", entry); err != nil {
		t.Fatal(err)
	}
	s.Start()
	if have := milestones(); !have["en_route"] || !have["on_scene"] {
		t.Errorf("%v", have)
	}
	if l := s.AwaitLink("journal", func(sitetest.Link) bool { return true }); l.Why != "" {
		t.Errorf("%+v", l)
	}
	s.Stop()
}
