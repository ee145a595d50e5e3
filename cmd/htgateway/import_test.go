package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// exportedJournal is a small journal of two units: one arrival by key, one by two
// standing fixes, one incident closed, and a device that was bound by a dispatcher.
func exportedJournal() string {
	var b strings.Builder
	line := func(id, kind, at, body string) {
		fmt.Fprintf(&b, `{"id":%q,"kind":%q,"at":"2026-11-24T%sZ","body":%s}`+"\n", id, kind, at, strings.ReplaceAll(body, "@", "2026-11-24T"+at+"Z"))
	}
	line("e1", "enrolment", "08:00:00", `{"id":"e1","kind":"bind","by":"siti","at":"@","unit":"psc-1","device":"field:psc1"}`)
	line("a1", "act", "09:00:00", `{"id":"a1","kind":"open","incident":"i1","by":"siti","at":"@","opening":{"number":"20261124-001","category":"fire","received_at":"@","location":{"lat":-6.8364,"lon":108.2274}}}`)
	line("a2", "act", "09:01:00", `{"id":"a2","kind":"dispatch","incident":"i1","by":"siti","at":"@","units":["damkar-1","psc-1"]}`)
	line("r1", "report", "09:08:00", `{"id":"r1","protocol":"kenwood","kind":"status","device":"fleetsync:102-1001","received_at":"@","link":"roof","status":"on_scene","status_code":"13"}`)
	for i := range 5 {
		at := fmt.Sprintf("09:09:%02d", 10*i)
		line(fmt.Sprint("f", i), "report", at, `{"id":"`+fmt.Sprint("f", i)+`","protocol":"field-json","kind":"position","device":"field:psc1","received_at":"@","device_time":"@","link":"mqtt","fix":{"time":"@","point":[108.2274,-6.8364],"accuracy_m":5,"speed_mps":0}}`)
	}
	line("a3", "act", "09:30:00", `{"id":"a3","kind":"close","incident":"i1","by":"siti","at":"@","reason":"selesai <&> \u003c"}`)
	line("l1", "link", "09:40:00", `{"link":"roof","at":"@","state":"down"}`)
	return b.String()
}

// importSite writes the configuration under which such a journal came to be.
func importSite(t *testing.T) (config string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"htgateway.yaml": "units_file: units.yaml\nhttp: {listen: \"127.0.0.1:0\"}\ndata: {dir: elsewhere}\nmqtt: {embedded: {enabled: false}}\n",
		"units.yaml":     "units:\n  - {id: damkar-1, call_sign: DAMKAR 1, agency: Damkar, devices: [\"fleetsync:102-1001\"]}\n  - {id: psc-1, call_sign: PSC 1, agency: PSC 119, devices: [\"field:other\"]}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "htgateway.yaml")
}

func command(t *testing.T, stdin string, args ...string) (out, said string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

// TestImportAnswers: out of lines alone come the arrivals, the sheet and the figures, as
// of the newest entry; what is exported again is the same to the byte, and imports to the
// same figures.
func TestImportAnswers(t *testing.T) {
	t.Parallel()
	config := importSite(t)
	dir, again := t.TempDir(), filepath.Join(t.TempDir(), "new")
	if out, said, code := command(t, exportedJournal(), "import", "-", "--data", dir, "--config", config); code != exitDone || !strings.Contains(out, "11 entries") {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	ask := func(dir string, args ...string) string {
		t.Helper()
		out, said, code := command(t, "", append(args, "--data", dir)...)
		if code != exitDone {
			t.Fatalf("%v: exit %d: %s", args, code, said)
		}
		if args[0] != "export" && !strings.Contains(said, "as of its newest entry, 2026-11-24T09:40:00Z") {
			t.Errorf("%v says %q", args, said)
		}
		return out
	}
	questions := [][]string{
		{"report", "--format", "csv"}, {"record", "20261124-001", "--format", "json"},
		{"export", "--what", "journal", "--format", "jsonl"}, {"export", "--what", "milestones"}, {"export", "--what", "intervals"},
	}
	var first []string
	for _, q := range questions {
		first = append(first, ask(dir, q...))
	}
	if !strings.Contains(first[0], ",,response,2,") {
		t.Errorf("two responses are to be counted:\n%s", first[0])
	}
	var sheet struct {
		MadeAt time.Time `json:"made_at"`
	}
	if err := json.Unmarshal([]byte(first[1]), &sheet); err != nil || sheet.MadeAt.Format(time.RFC3339) != "2026-11-24T09:40:00Z" {
		t.Errorf("the sheet is of %s, %v", sheet.MadeAt, err)
	}
	for _, arrival := range []string{"damkar-1,on_scene,key", "psc-1,on_scene,geofence"} {
		if !strings.Contains(first[3], arrival) {
			t.Errorf("no %s in\n%s", arrival, first[3])
		}
	}
	file := filepath.Join(t.TempDir(), "journal.jsonl")
	if err := os.WriteFile(file, []byte(first[2]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := command(t, "", "import", file, "--data", again, "--config", config); code != exitDone {
		t.Fatalf("exit %d: %s", code, said)
	}
	for i, q := range questions {
		if got := ask(again, q...); got != first[i] {
			t.Errorf("%v: after the round trip\n%s\nbefore\n%s", q, got, first[i])
		}
	}
}

func TestImportWrongUse(t *testing.T) {
	t.Parallel()
	config, dir, own := importSite(t), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(own, "htgateway.yaml"), []byte("data: {dir: .}\nunits_file: \"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := command(t, exportedJournal(), "import", "--data", dir); code != exitDone {
		t.Fatalf("exit %d: %s", code, said)
	}
	for args, want := range map[string]struct {
		said string
		code int
	}{
		"import -":                                 {`required flag(s) "data"`, exitUsage},
		"import /nowhere --data NEW":               {"cannot read what is to be imported", exitUsage},
		"import - --data DIR":                      {"is in use", exitUsage},
		"import - --data NEW --config /nowhere":    {"cannot read the configuration", exitUsage},
		"import - --data OWN --config CONFIG":      {"a configuration of its own", exitUsage},
		"import - --data NEW" + " --config CONFIG": {"line 2: it is no entry", exitData},
	} {
		fresh := filepath.Join(t.TempDir(), "new")
		words := strings.Fields(strings.NewReplacer("NEW", fresh, "DIR", dir, "OWN", own, "CONFIG", config).Replace(args))
		_, said, code := command(t, "\nnothing\n", words...)
		if code != want.code || !strings.Contains(said, want.said) {
			t.Errorf("%s: exit %d, %s", args, code, said)
		}
		if left, err := filepath.Glob(filepath.Join(fresh, "[^.]*[^k]")); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", args, left, err)
		}
	}
}

// TestImportKilled: whatever was read, nothing counts as a journal, and the next import
// makes the whole of it.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lines := exportedJournal()
	for _, whole := range []int{0, 5000, 20_000} {
		in, feed := io.Pipe()
		cmd := exec.CommandContext(t.Context(), sitetest.Binary(t), "import", "-", "--data", dir)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() {
			for i := range whole {
				_, _ = fmt.Fprintf(feed, `{"id":"x%d","kind":"link","at":"2026-11-24T08:00:00Z","body":{"link":"roof"}}`+"\n", i)
			}
			_, _ = io.WriteString(feed, lines)
			_ = feed.Close()
		}()
		if _, err := io.Copy(stdin, in); err != nil { // the pipe holds what is not read yet
			t.Fatal(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		if _, err := os.Stat(filepath.Join(dir, "journal.db")); !os.IsNotExist(err) {
			t.Fatalf("after %d lines: %v", whole, err)
		}
		if _, said, code := command(t, "", "export", "--what", "journal", "--data", dir); code != exitUsage || !strings.Contains(said, "cannot open journal") {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	if out, said, code := command(t, lines, "import", "-", "--data", dir); code != exitDone || !strings.HasPrefix(out, "11 entries") {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.importing*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
