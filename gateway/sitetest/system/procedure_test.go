package system

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// procedureOf is a file in which the first report may take so long.
func procedureOf(limit string) string {
	return "categories: [{key: fire, id: Kebakaran, en: Fire}]\nclocks: {on_scene_update: " + limit + "}\nwarn_at: 0.8\n"
}

type sopClock struct {
	Clock, State, Ended string
}

// firstReport is how the unit's first clock stands in an incident: "state ended".
func firstReport(s *sitetest.Site, id string) string {
	s.T.Helper()
	var in struct {
		Clocks []sopClock `json:"clocks"`
	}
	s.Get("/incidents/"+id, &in)
	for _, c := range in.Clocks {
		if c.Clock == "on_scene_update" {
			return strings.TrimSpace(c.State + " " + c.Ended)
		}
	}
	return "none"
}

// tool runs a command on the site's configuration and returns what it prints.
func tool(s *sitetest.Site, args ...string) []byte {
	s.T.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--config", filepath.Join(s.Dir, "htgateway.yaml"))
	if code := sitetest.Run(s.T.Context(), s.T, args, nil, &out, &errs); code != sitetest.ExitDone {
		s.T.Fatalf("%v: exit %d: %s", args, code, &errs)
	}
	return out.Bytes()
}

// firstReports are the intervals of that clock in the series, "limit within ended".
func firstReports(s *sitetest.Site) []string {
	s.T.Helper()
	var out []string
	for line := range bytes.Lines(tool(s, "export", "--what", "intervals", "--format", "jsonl")) {
		var row struct {
			Interval string
			LimitS   float64 `json:"limit_s"`
			Within   *bool
			Ended    string
		}
		if err := json.Unmarshal(line, &row); err != nil {
			s.T.Fatal(err)
		}
		if row.Interval == "on_scene_update" && row.Within != nil {
			out = append(out, strings.TrimSpace(fmt.Sprint(row.LimitS, " ", *row.Within, " ", row.Ended)))
		}
	}
	return out
}

// figureRow is the row of that clock in the report.
func figureRow(s *sitetest.Site) string {
	s.T.Helper()
	var made struct {
		Rows []struct {
			Interval                          string
			Count, Judged, Within, Unreported int
		}
	}
	if err := json.Unmarshal(tool(s, "report", "--format", "json"), &made); err != nil {
		s.T.Fatal(err)
	}
	for _, r := range made.Rows {
		if r.Interval == "on_scene_update" {
			return fmt.Sprintf("%d, within %d of %d, %d unreported", r.Count, r.Within, r.Judged, r.Unreported)
		}
	}
	return "none"
}

// TestProcedureChanges: another procedure's file judges the incidents that are called from
// then on, and leaves clock, series, report and sheet of the earlier ones as they were, also
// after a rebuild.
func TestProcedureChanges(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.WriteFile("sop.yaml", procedureOf("10m"))
	s.Configure("sop_file: sop.yaml\n")
	s.Start()
	events := s.Events("")
	old := s.OpenIncident()
	arrived := func(u sitetest.Update) bool { return u.Kind == "milestone" && u.Milestone.Milestone == "on_scene" }
	s.Await(events, "the opening", func(u sitetest.Update) bool { return u.Kind == "opened" })
	s.Press("13")
	s.Await(events, "the arrival", arrived)
	s.Post("/incidents/"+old+"/close", map[string]any{"reason": "padam"}, nil)
	if got := firstReport(s, old); got != "met" {
		t.Errorf("clock %s", got)
	}
	s.Stop()
	before := fmt.Sprint(firstReports(s), figureRow(s))
	if before != "[600 true]1, within 1 of 1, 0 unreported" {
		t.Errorf("series and report: %s", before)
	}
	sheet := clocksOfSheet(s, old)
	s.WriteFile("sop.yaml", procedureOf("1ms")) // what was met so would now be breached
	s.Start()
	if got := firstReport(s, old); got != "met" {
		t.Errorf("by the new file the old clock is %s", got)
	}
	s.Stop()
	if got := fmt.Sprint(firstReports(s), figureRow(s)); got != before || clocksOfSheet(s, old) != sheet {
		t.Errorf("by the new file series and report say %s, the sheet %s", got, clocksOfSheet(s, old))
	}
	tool(s, "rebuild")
	if got := fmt.Sprint(firstReports(s), figureRow(s)); got != before {
		t.Errorf("rebuilt: %s", got)
	}
	s.Start()
	events = s.Events("")
	next := s.OpenIncident()
	s.Await(events, "a breach", func(u sitetest.Update) bool { return u.Kind == "alarm" && u.Alarm.Kind == "breach" })
	if got := firstReport(s, next); got != "breached" {
		t.Errorf("the next incident's clock %s", got)
	}
	s.Stop()
	if got := fmt.Sprint(firstReports(s), figureRow(s)); got != "[600 true]2, within 1 of 2, 0 unreported" { // the next one is open, over its limit
		t.Errorf("both: %s", got)
	}
}

// clocksOfSheet are the clocks of the record.
func clocksOfSheet(s *sitetest.Site, id string) string {
	s.T.Helper()
	var sheet struct {
		Clocks json.RawMessage `json:"clocks"`
	}
	if err := json.Unmarshal(tool(s, "record", id, "--format", "json"), &sheet); err != nil {
		s.T.Fatal(err)
	}
	return string(sheet.Clocks)
}

// TestClosingKeepsBreach: a unit that never reported its arrival stays in breach when the
// incident is closed, in alarms, clocks, series, report and sheet.
func TestClosingKeepsBreach(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.WriteFile("sop.yaml", procedureOf("1s"))
	s.Configure("sop_file: sop.yaml\n")
	s.Start()
	events := s.Events("")
	id := s.OpenIncident()
	is := func(change string) func(sitetest.Update) bool {
		return func(u sitetest.Update) bool {
			return u.Kind == "alarm" && u.Alarm.Kind == "breach" && u.Alarm.Change == change
		}
	}
	s.Await(events, "a breach", is("raised"))
	s.Post("/incidents/"+id+"/close", map[string]any{"reason": "selesai lewat suara"}, nil)
	s.Await(events, "the dispatcher's look", is("seen")) // closing is one
	var in struct {
		Alarms []sitetest.Alarm `json:"alarms"`
	}
	s.Get("/incidents/"+id, &in)
	for _, a := range in.Alarms {
		if a.Kind == "breach" && a.State != "raised" || a.State == "withdrawn" {
			t.Errorf("closing made the %s %s", a.Kind, a.State)
		}
	}
	if got := firstReport(s, id); got != "breached closed" || len(in.Alarms) != 2 {
		t.Errorf("clock %s, %d alarms", got, len(in.Alarms))
	}
	s.Stop()
	if got := fmt.Sprint(firstReports(s), figureRow(s)); got != "[1 false closed]1, within 0 of 1, 1 unreported" {
		t.Errorf("series and report: %s", got)
	}
	if sheet := clocksOfSheet(s, id); !strings.Contains(sheet, `"ended": "closed"`) && !strings.Contains(sheet, `"ended":"closed"`) {
		t.Errorf("sheet %s", sheet)
	}
}
