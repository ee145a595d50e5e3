package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"htgateway/gateway/ops/doctor"
	"htgateway/gateway/sitetest"
)

// TestDoctorVisitsARunningSite: it finds the gateway well, disturbs nothing, and says
// by its exit code when something is at fault.
func TestDoctorVisitsARunningSite(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "psc1")
	s.Start()
	before := 0.0
	for before < 3 { // the procedure, the units, and that the radio's line came up
		before = s.Metric("htgateway_journal_entries")
	}
	visit := func(file string) (code int, findings []doctor.Finding) {
		t.Helper()
		var out, errs bytes.Buffer
		code = run(context.Background(), []string{"doctor", "--json", "--config", filepath.Join(s.Dir, file)}, nil, &out, &errs)
		var answer struct{ Findings []doctor.Finding }
		if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
			t.Fatalf("%v: %s %s", err, &out, &errs)
		}
		return code, answer.Findings
	}
	// The addresses in the file are for any free port, and not where it listens.
	ours := func(f doctor.Finding) bool {
		return f.Area != "http" && f.Area != "broker" && f.Area != "clock" && f.Area != "port"
	}
	_, findings := visit("htgateway.yaml")
	areas := map[string]doctor.Verdict{}
	for _, f := range slices.DeleteFunc(findings, func(f doctor.Finding) bool { return !ours(f) }) {
		areas[f.Area] = f.Verdict
		if f.Verdict != doctor.Good && f.Area != "disk" { // a test's disk may be slow or in memory
			t.Errorf("%+v", f)
		}
	}
	if areas["gateway"] != doctor.Good || areas["journal"] != doctor.Good || areas["store"] != doctor.Good {
		t.Errorf("%v", areas)
	}
	if l := s.AwaitLink("roof", func(sitetest.Link) bool { return true }); l.State != "up" || s.Metric("htgateway_journal_entries") != before {
		t.Errorf("the visit left %+v, %v entries of %v", l, s.Metric("htgateway_journal_entries"), before)
	}
	s.Stop()

	var out bytes.Buffer
	if code := run(context.Background(), []string{"doctor", "--config", filepath.Join(s.Dir, "htgateway.yaml")}, nil, &out, &out); code != exitData || !strings.Contains(out.String(), "is in use by") {
		t.Errorf("exit code %d: %s", code, &out) // this test holds the other end of the radio's line
	}
	if code, _ := visit("none.yaml"); code != exitUsage {
		t.Errorf("exit code %d without a configuration", code)
	}
}
