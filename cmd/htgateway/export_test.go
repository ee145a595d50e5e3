package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"htgateway/gateway/sitetest"
)

func exported(t *testing.T, args ...string) (out, said string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append([]string{"export"}, args...), nil, &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestExportSeries(t *testing.T) {
	t.Parallel()
	dir := series(t)
	out, said, code := exported(t, "--what", "milestones", "--format", "csv", "--data", dir, "--to", "2026-11-23")
	table, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || code != exitDone || said != "" {
		t.Fatalf("exit %d, %v, %s", code, err, said)
	}
	arrivals := map[string]int{}
	for _, row := range table[1:] {
		if row[6] == "on_scene" {
			arrivals[row[1]+" superseded "+row[len(row)-1]]++
		}
	}
	// The corrected arrival stands beside the key that was pressed late.
	if arrivals["i1 superseded false"] != 1 || arrivals["i2 superseded false"] != 1 || arrivals["i2 superseded true"] != 1 || len(arrivals) != 3 {
		t.Errorf("arrivals: %v", arrivals)
	}
	file := filepath.Join(t.TempDir(), "statuses.parquet")
	if out, said, code := exported(t, "--what", "statuses", "--format", "parquet", "--data", dir, "--output", file); code != exitDone || out+said != "" {
		t.Fatalf("exit %d, %s", code, said)
	}
	if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte("PAR1")) || !bytes.HasSuffix(b, []byte("PAR1")) {
		t.Errorf("%v, %d bytes", err, len(b))
	}
	if left, _ := filepath.Glob(file + ".*"); left != nil {
		t.Errorf("left over: %v", left)
	}
}

func TestExportWrongUse(t *testing.T) {
	t.Parallel()
	dir := series(t)
	for args, want := range map[string]string{
		"--data D":                         `required flag(s) "what"`,
		"--what fixes":                     "at least one of the flags",
		"--what fixes --data D --config Y": "none of the others can be",
		"--what intervals --format geojson --data D":                        "no places of their own",
		"--what journal --format gpx --data D":                              "no places of their own",
		"--what links --data D":                                             `"links" is none of`,
		"--what fixes --format kml --data D":                                `format "kml" is none of`,
		"--what fixes --data /nowhere":                                      "cannot open series",
		"--what journal --data D":                                           "cannot open journal",
		"--what journal --unit damkar-1 --data D":                           "--unit does not go with the journal",
		"--what fixes --data D --from yesterday":                            "cannot read --from",
		"--what fixes --data D --output /nowhere/x":                         "cannot write the output",
		"--what fixes --data D --from 2026-11-24T00:00:00Z --to 2026-11-23": "--from is not before --to",
	} {
		out, said, code := exported(t, strings.Fields(strings.ReplaceAll(args, "D", dir))...)
		if code != exitUsage || out != "" || !strings.Contains(said, want) {
			t.Errorf("%s: exit %d, %q", args, code, said)
		}
	}
}

// TestExportJournalWhileTheGatewayRuns finds the pressed key with its body, then and afterwards.
func TestExportJournalWhileTheGatewayRuns(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	var opened struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}}, &opened)
	s.Post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	events := s.Events("0")
	s.Press("13")
	arrival := s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	config := filepath.Join(s.Dir, "htgateway.yaml")
	read := func(args ...string) map[string]map[string]any {
		out, said, code := exported(t, append(args, "--what", "journal", "--format", "jsonl")...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, said)
		}
		entries := map[string]map[string]any{}
		for line := range strings.Lines(out) {
			var e struct {
				ID   string
				Kind string
				Body map[string]any
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			entries[e.ID] = e.Body
		}
		return entries
	}
	running := read("--config", config)
	if body := running[arrival.Milestone.Report]; body["status"] != "on_scene" || body["device"] != "fleetsync:102-1001" {
		t.Errorf("the key press: %v", body)
	}
	s.Stop()
	if stopped := read("--data", s.Dir); len(stopped) < len(running) {
		t.Errorf("%d entries, %d while it ran", len(stopped), len(running))
	}
	if stopped := read("--data", filepath.Join(s.Dir, "data")); len(stopped) < len(running) {
		t.Errorf("%d entries by the data folder alone", len(stopped))
	}
}

func TestExportProgressOnATerminal(t *testing.T) {
	t.Parallel()
	dir := series(t)
	screen, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	var out bytes.Buffer
	code := run(t.Context(), []string{"export", "--what", "intervals", "--data", dir}, nil, &out, line)
	if err := line.Close(); err != nil {
		t.Fatal(err)
	}
	// The line is shut, so reading ends with an error once all of it is read;
	// one read alone may bring a part.
	said, _ := io.ReadAll(screen)
	if code != exitDone || !strings.Contains(string(said), "100 %") {
		t.Errorf("exit %d, %q", code, said)
	}
}
