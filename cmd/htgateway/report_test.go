package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
	"htgateway/telemetry/sqlite"
)

// county folds acts and keys through the real tracker and stores the points.
type county struct {
	tracker *tracker.Tracker
	seq     uint64
	points  []telemetry.Point
}

func newCounty() *county {
	return &county{tracker: tracker.New(incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "Damkar 1", Agency: "damkar", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	})}
}

func (c *county) apply(e incident.Event) {
	c.seq++
	e.Seq = c.seq
	for _, u := range c.tracker.Apply(e) {
		c.points = append(c.points, telemetry.Points(u)...)
	}
}

func (c *county) act(kind incident.ActKind, id string, at time.Time, change func(*incident.Act)) {
	a := &incident.Act{ID: fmt.Sprintf("a%d", c.seq), Kind: kind, Incident: id, By: "desk", At: at}
	if change != nil {
		change(a)
	}
	c.apply(incident.Event{Act: a})
}

func (c *county) key(status devices.Status, at time.Time) {
	c.apply(incident.Event{Report: &devices.Report{
		ID: fmt.Sprintf("r%d", c.seq), Protocol: devices.Kenwood, Device: "fleetsync:102-1001", ReceivedAt: at, Status: status, StatusCode: "1", Link: "roof",
	}})
}

// incident is one call in which the unit arrives after so many minutes.
func (c *county) incident(id, category string, call time.Time, arrives int) {
	at := func(minutes int) time.Time { return call.Add(time.Duration(minutes) * time.Minute) }
	c.act(incident.ActOpen, id, call, func(a *incident.Act) {
		a.Opening = &incident.Opening{Number: id, Category: category, District: "Kadipaten", ReceivedAt: call}
	})
	c.act(incident.ActDispatch, id, at(1), func(a *incident.Act) { a.Units = []string{"damkar-1"} })
	c.key(devices.StatusEnRoute, at(2))
	c.key(devices.StatusOnScene, at(arrives))
	c.key(devices.StatusCompleted, at(arrives+20))
	c.act(incident.ActClose, id, at(arrives+21), nil)
}

// series stores two days of incidents in a data directory.
func series(t *testing.T) string {
	t.Helper()
	c := newCounty()
	morning := time.Date(2026, 11, 23, 7, 0, 0, 0, geo.WIB())
	c.incident("i1", "fire", morning, 9)
	c.incident("i2", "fire", morning.Add(2*time.Hour), 13)
	c.incident("i3", "rescue", morning.Add(24*time.Hour), 30)
	// The dispatcher knows better when the second arrival was.
	c.act(incident.ActCorrect, "i2", morning.Add(4*time.Hour), func(a *incident.Act) {
		a.Units, a.Milestone, a.MilestoneAt, a.Reason = []string{"damkar-1"}, incident.OnScene, morning.Add(2*time.Hour+8*time.Minute), "key pressed late"
	})
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, datadir.Series))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Write(t.Context(), c.points), store.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func reportOf(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newReportCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func responses(t *testing.T, args ...string) string {
	t.Helper()
	text, err := reportOf(t, append(args, "--format", "json")...)
	if err != nil {
		t.Fatal(err)
	}
	var f analysis.Figures
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range f.Rows {
		if r.Interval == sop.Response {
			out = append(out, fmt.Sprintf("%s %d %g", r.Group, r.Count, *r.MedianS/60))
		}
	}
	return strings.Join(out, "; ")
}

func TestReport(t *testing.T) {
	t.Parallel()
	dir := series(t)
	for _, c := range []struct{ args, want string }{
		{"", " 3 9"}, // 9, 8 as corrected, 30
		{"--by category", "fire 2 8.5; rescue 1 30"},
		{"--by hour", "07 2 19.5; 09 1 8"},
		{"--by weekday", "Monday 2 8.5; Tuesday 1 30"},
		{"--from 2026-11-24", " 1 30"},
		{"--to 2026-11-23", " 2 8.5"},
		{"--from 2026-11-23T09:00:00+07:00 --to 2026-11-24T00:00:00Z", " 1 8"},
		{"--zone Asia/Jayapura --by hour --to 2026-11-23", "09 1 9; 11 1 8"},
		{"--from 2030-01-01", ""},
	} {
		if got := responses(t, append(strings.Fields(c.args), "--data", dir)...); got != c.want {
			t.Errorf("%s: got %q, want %q", c.args, got, c.want)
		}
	}
}

func TestReportFormatsAndOutput(t *testing.T) {
	t.Parallel()
	dir := series(t)
	for format, start := range map[string]string{"table": "Waktu tanggap", "csv": "group_by,", "json": "{", "html": "<!DOCTYPE html>"} {
		got, err := reportOf(t, "--data", dir, "--format", format)
		if err != nil || !strings.HasPrefix(got, start) {
			t.Errorf("%s: %v, %.40q", format, err, got)
		}
		if !strings.Contains(got, "1 h 47 min (107 min)") {
			t.Errorf("%s does not say which reading of 1.47 Jam was used", format)
		}
	}
	file := filepath.Join(t.TempDir(), "report.csv")
	if got, err := reportOf(t, "--data", dir, "--format", "csv", "--output", file); err != nil || got != "" {
		t.Errorf("%v, %q", err, got)
	}
	if b, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(b), "group_by,") {
		t.Errorf("%v, %.40q", err, b)
	}
}

func TestReportOfTwoPeriods(t *testing.T) {
	t.Parallel()
	dir := series(t)
	periods := []string{"--data", dir, "--by", "category", "--from", "2026-11-24", "--compare-to", "2026-11-23"}
	for format, want := range map[string]string{"table": "Compared with", "csv": "other_count", "json": `"comparison": {`, "html": "Two periods side by side"} {
		got, err := reportOf(t, append(periods, "--format", format)...)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v, no %q", format, err, want)
		}
	}
	text, err := reportOf(t, append(periods, "--format", "json")...)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range r.Comparison.Rows {
		if k.Interval == sop.Response {
			got = append(got, fmt.Sprintf("%s %d %d %s", k.Group, k.Now.Count, k.Then.Count, k.Times.Verdict))
		}
	}
	if want := "fire 0 2 few; rescue 1 0 few"; strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReportByConfiguration(t *testing.T) {
	t.Parallel()
	dir := series(t)
	file := filepath.Join(t.TempDir(), "htgateway.yaml")
	if err := os.WriteFile(file, []byte("units_file: \"\"\ndata:\n  dir: "+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := responses(t, "--config", file, "--by", "unit"); got != "damkar-1 3 9" {
		t.Errorf("got %q", got)
	}
}

func TestReportWrongUse(t *testing.T) {
	t.Parallel()
	dir := series(t)
	for args, want := range map[string]string{
		"":                                          "at least one of the flags",
		"--data X --config Y":                       "none of the others can be",
		"--data /nowhere":                           "cannot open series",
		"--data D --by colour":                      `cannot group by "colour"`,
		"--data D --format docx":                    `unknown format "docx"`,
		"--data D --from yesterday":                 "cannot read --from",
		"--data D --to 2026-13-01":                  "cannot read --to",
		"--data D --zone Mars":                      "unknown --zone",
		"--data D --compare-from 2026-11-24":        "the two periods overlap",
		"--data D --from 2026-11-24 --compare-to x": "cannot read --compare-to",
		"--data D --from 2026-11-24 --compare-to 2026-11-23 --by month": "do not pair",
		"--data D extra":                             "unknown command",
		"--config /nowhere/h.yaml":                   "cannot read the configuration",
		"--data D --output /nowhere/x":               "cannot write the output",
		"--data D --from 2026-11-24 --to 2026-11-22": "--from is not before --to",
	} {
		_, err := reportOf(t, strings.Fields(strings.ReplaceAll(args, "D", dir))...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
