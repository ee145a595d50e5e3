package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/history/trace"
	"htgateway/gateway/sitetest"
)

// TestTraceFromTheRoofToTheRecord follows one press while the gateway runs and after
// it ended, by its id and by the beginning of it.
func TestTraceFromTheRoofToTheRecord(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Configure("log: {level: debug}\n")
	s.Start()
	var opened struct{ ID, Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.Post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	events := s.Events("0")
	s.Press("13")
	arrived := s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	report := arrived.Milestone.Report

	command := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"trace", "--config", filepath.Join(s.Dir, "htgateway.yaml")}, args...), nil, &out, &errs)
		return code, out.String(), errs.String()
	}
	// The running gateway writes an update a moment after it sent it, and a sink's
	// cursor after that: its end makes all of it stand in the files.
	if code, out, errs := command(report); code != exitDone || !strings.Contains(out, "report "+report) {
		t.Fatalf("while it runs: exit %d, %s%s", code, out, errs)
	}
	s.Stop()
	code, out, errs := command(report[:12])
	for _, want := range []string{
		"report " + report, "$PKLID", "identity claimed", "heard by", "roof", "told no time", "journaled",
		"DAMKAR 1", opened.Number, "on_scene, known by key", "series", "sent back\n  nothing",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	if t.Failed() || code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	code, out, _ = command(report, "--json")
	var got trace.Trace
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitDone {
		t.Fatalf("exit %d, %v", code, err)
	}
	if got.Report.ID != report || got.Entry == 0 || got.JournaledAt.Before(got.Report.ReceivedAt) || len(got.Heard) != 1 || got.Heard[0].Link != "roof" {
		t.Errorf("%+v", got)
	}
	if len(got.Updates) < 2 || len(got.Sinks) == 0 || got.Sinks[0].Done != len(got.Updates) || got.Sinks[0].Waiting != 0 {
		t.Errorf("%d updates, sinks %+v", len(got.Updates), got.Sinks)
	}
	if code, _, errs := command("r-none"); code != exitData || !strings.Contains(errs, "no report has this id") {
		t.Errorf("an id that is nowhere: exit %d, %s", code, errs)
	}
	logCarriesTheReport(s, report)
}

// logCarriesTheReport holds that the log names a report where it was taken.
func logCarriesTheReport(s *sitetest.Site, report string) {
	s.T.Helper()
	if !strings.Contains(s.Log.String(), "report="+report) {
		s.T.Errorf("the log does not name report %s:\n%s", report, s.Log)
	}
}
