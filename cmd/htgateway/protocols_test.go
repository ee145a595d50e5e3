package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// whistle is a protocol that nobody speaks: a letter W, a call and a line feed.
const whistle = `// Package whistle is made up.
package whistle

import (
	"bytes"
	"errors"
	"time"

	"htgateway/devices"
)

// Decoder cuts lines.
type Decoder struct{ held []byte }

// Feed takes bytes as they came.
func (d *Decoder) Feed(p []byte, at time.Time) (out []devices.Frame) {
	d.held = append(d.held, p...)
	for {
		line, rest, whole := bytes.Cut(d.held, []byte("\n"))
		if !whole {
			return out
		}
		f := devices.Frame{Raw: bytes.Clone(line), Report: devices.Report{Protocol: "whistle", Kind: devices.KindID, ReceivedAt: at}}
		if name, is := bytes.CutPrefix(line, []byte("W ")); is {
			f.Report.Device = devices.Identity("whistle:" + string(name))
		} else {
			f.Err = errors.New("whistle: no whistle")
		}
		out, d.held = append(out, f), rest
	}
}

// Flush ends a half line.
func (d *Decoder) Flush(time.Time) []devices.Frame { d.held = nil; return nil }
`

// TestAProtocolIsAddedByOneLine builds the program with a folder and one line of the
// catalogue more, and finds the protocol wherever protocols are named.
func TestAProtocolIsAddedByOneLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := os.ReadFile(filepath.Join(root, "devices/protocol/protocol.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(catalogue), "var catalogue = []Entry{\n", "var catalogue = []Entry{\n{Name: \"whistle\", Line: func() LineDecoder { return &whistle.Decoder{} }, Bauds: []int{1200}},\n", 1)
	text = strings.Replace(text, "import (\n", "import (\n\"htgateway/devices/protocol/whistle\"\n", 1)
	overlay := map[string]string{}
	for path, content := range map[string]string{"devices/protocol/protocol.go": text, "devices/protocol/whistle/whistle.go": whistle} {
		with := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(with, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, path)] = with
	}
	replace, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), replace, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "htgateway")
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	says := func(stdin string, args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, _ := cmd.CombinedOutput() // some of them end with an error on purpose
		return string(out)
	}
	if out := says("W tower-1\n", "decode", "--protocol", "whistle", "--encoding", "raw"); !strings.Contains(out, `"device":"whistle:tower-1"`) {
		t.Errorf("decode: %s", out)
	}
	config := filepath.Join(dir, "htgateway.yaml")
	for settings, want := range map[string]string{
		"links: [{id: roof, kind: serial, protocol: whistle, device: /dev/ttyS9}]":                 "",
		"links: [{id: roof, kind: serial, protocol: whistle, device: /dev/ttyS9, transmit: true}]": "nothing can be sent",
	} {
		if err := os.WriteFile(config, []byte(settings+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := says("", "config", "check", config); strings.Contains(out, "roof") != (want != "") || !strings.Contains(out, want) {
			t.Errorf("config check of %s: %s", settings, out)
		}
	}
	for _, command := range []string{"decode", "monitor"} {
		if out := says("", command, "--help"); !strings.Contains(out, "whistle") {
			t.Errorf("%s --help does not name it: %s", command, out)
		}
	}
	w := climbWith(t, program, "--protocol", "auto", "--baud", "1200")
	w.await("listening")
	for range 4 {
		time.Sleep(50 * time.Millisecond)
		if _, err := w.radio.WriteString("W tower-2\n"); err != nil {
			t.Fatal(err)
		}
	}
	w.await("found", "whistle")
	w.await("whistle:tower-2")
}
