package main

import (
	"database/sql"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaultsDamagedRecord: one record of the journal, an arrival's key, rots on the disk.
// The gateway starts and takes what comes, everything else is in the record, and it says
// which record is missing; the tools that must be exact refuse.
func TestFaultsDamagedRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	events, id := s.events(""), s.reach()
	reached := map[string]string{} // by milestone, the report that says so
	for _, k := range [][2]string{{"12", "en_route"}, {"13", "on_scene"}} {
		name := k[1]
		s.press(k[0])
		u := s.await(events, name, func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == name })
		reached[name] = u.Report
	}
	s.stop()
	damage := func(from, to string, entry any) (seq uint64, err error) {
		db, err := sql.Open("sqlite", filepath.Join(s.dir, "data", "journal.db"))
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
	s.start()
	l := s.awaitLink("journal", func(l linkView) bool { return l.Why != "" })
	if l.State != "up" || !strings.Contains(l.Why, "1 catatan rusak") || !strings.Contains(l.Why, "restore the newest backup") {
		t.Errorf("%+v", l)
	}
	milestones := func() map[string]bool {
		var in struct{ Milestones []struct{ Milestone string } }
		s.get("/incidents/"+id, &in)
		told := map[string]bool{}
		for _, m := range in.Milestones {
			told[m.Milestone] = true
		}
		return told
	}
	if told := milestones(); !told["en_route"] || told["on_scene"] {
		t.Errorf("%v", told)
	}
	s.awaitLink("roof", func(l linkView) bool { return l.State == "up" })
	events = s.events("")
	s.press("14") // it goes on
	s.await(events, "another key", func(u update) bool { return u.Kind == "status" && u.Report != "" })
	resp, err := http.Get(s.page + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if metrics, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(metrics), "\nhtgateway_journal_damaged_entries 1\n") {
		t.Errorf("not in the metrics: %v", err)
	}
	s.stop()

	// The record is well again: what it said is in the record again.
	if _, err := damage("1O01", "1001", entry); err != nil {
		t.Fatal(err)
	}
	s.start()
	if told := milestones(); !told["en_route"] || !told["on_scene"] {
		t.Errorf("%v", told)
	}
	if l := s.awaitLink("journal", func(linkView) bool { return true }); l.Why != "" {
		t.Errorf("%+v", l)
	}
	s.stop()
}
