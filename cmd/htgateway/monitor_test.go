package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// technician watches the real binary's monitor command on a pty.
type technician struct {
	t      *testing.T
	radio  *os.File // the radio's end
	device string
	cmd    *exec.Cmd
	lines  chan string
	seen   []string
}

// climb starts the command; more are flags beside --port.
func climb(t *testing.T, more ...string) *technician {
	t.Helper()
	path := sitetest.Binary(t)
	return climbWith(t, path, more...)
}

// climbWith is climb with a program that was built otherwise.
func climbWith(t *testing.T, path string, more ...string) *technician {
	t.Helper()
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	if _, err := term.MakeRaw(int(line.Fd())); err != nil {
		t.Fatal(err)
	}
	w := &technician{t: t, radio: radio, device: line.Name(), lines: make(chan string, 10_000)}
	w.cmd = exec.Command(path, append([]string{"monitor", "--port", line.Name()}, more...)...)
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.cmd.Stderr = os.Stderr
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	go func() {
		defer close(w.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.lines <- lines.Text()
		}
	}()
	return w
}

// await reads lines up to the first that holds all the words.
func (w *technician) await(words ...string) string {
	w.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case line, more := <-w.lines:
			if !more {
				w.t.Fatalf("ended without %q:\n%s", words, strings.Join(w.seen, "\n"))
			}
			w.seen = append(w.seen, line)
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
				return line
			}
		case <-deadline:
			w.t.Fatalf("no line with %q:\n%s", words, strings.Join(w.seen, "\n"))
		}
	}
}

func (w *technician) send(bytes string) {
	w.t.Helper()
	if _, err := w.radio.WriteString(bytes); err != nil {
		w.t.Fatal(err)
	}
}

// leave presses Ctrl-C and returns all that was shown.
func (w *technician) leave() string {
	w.t.Helper()
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil {
		w.t.Fatal(err)
	}
	for line := range w.lines {
		w.seen = append(w.seen, line)
	}
	if err := w.cmd.Wait(); err != nil {
		w.t.Fatalf("the monitor ended badly: %v\n%s", err, strings.Join(w.seen, "\n"))
	}
	return strings.Join(w.seen, "\n")
}

// pressed is the sentence of a FleetSync key.
func pressed(unit, code string) string {
	return sitetest.Sentence("PKLID,00,102," + unit + "," + code + ",00,")
}

// badSum is a key whose checksum is wrong.
const badSum = "$PKLID,00,102,1001,13,00,*00\r\n"

// TestMonitorFindsRecordsAndReplayGivesTheSame is the technician's whole way: noise
// at the first speed, frames at the second, a recording, and its replay.
func TestMonitorFindsRecordsAndReplayGivesTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recording := filepath.Join(dir, "roof.jsonl")
	w := climb(t, "--record", recording)
	w.await("listening to", "at 4800 baud")
	w.send("\xff\x00\x81\xfe\x00\x13")
	w.await("at 4800: 100 % framing noise")
	w.await("noise, 6 bytes: ff 00 81 fe 00 13")
	w.await("listening to", "at 9600 baud")
	first := pressed("1001", "12") + pressed("1002", "11") + pressed("1001", "13")
	w.send(first)
	w.await("found 9600 baud, kenwood: 3 good frames of 3, 0 bytes of noise; at 4800: 100 % framing noise")
	w.await("fleetsync:102-1001", "status", "en_route (code 12)")
	w.await("fleetsync:102-1002", "status", "acknowledged (code 11)")
	w.await("fleetsync:102-1001", "status", "on_scene (code 13)")
	w.send("\x02I11002") // cut off
	w.await("kenwood", "refused: kenwood: frame has no end")
	w.await("02 49 31 31 30 30 32", "|.I11002|")
	w.send("\xff\xfe" + badSum + pressed("1003", "42"))
	w.await("noise, 2 bytes: ff fe")
	w.await("kenwood", "refused: nmea: checksum does not match")
	w.await("fleetsync:102-1003", "status", "other (code 42, which no table maps)")
	shown := w.leave()
	for _, want := range []string{"4 frames, 2 refused", "3 devices heard", "fleetsync:102-1001  2"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the summary lacks %q:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "\x1b[") {
		t.Error("colours without a terminal")
	}

	want := statusesOf(kenwood.NewDecoder().Feed([]byte(first+pressed("1003", "42")), time.Time{}))
	for _, speed := range []string{"0", "600"} {
		data := filepath.Join(dir, "data-"+speed)
		code, out, errs := replayed(t, recording, "--speed", speed, "--data", data)
		if code != exitDone {
			t.Fatalf("speed %s: exit %d\n%s%s", speed, code, out, errs)
		}
		if got := statusesOf(journalled(t, data)); !slices.Equal(got, want) {
			t.Fatalf("speed %s: replayed %v, want %v", speed, got, want)
		}
		for _, word := range []string{"7 frames: 4 reports, 3 refused, 0 heard before", "fleetsync:102-1001   2", "on_scene         1", "Data:    " + data} {
			if !strings.Contains(out, word) {
				t.Errorf("speed %s: the summary lacks %q:\n%s", speed, word, out)
			}
		}
	}
}

// statusesOf are device and key of each good frame.
func statusesOf(frames []devices.Frame) []string {
	var out []string
	for _, f := range frames {
		if f.Err == nil {
			out = append(out, string(f.Report.Device)+" "+f.Report.StatusCode)
		}
	}
	return out
}

// replayed runs the command on a capture.
func replayed(t *testing.T, path string, more ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	code = run(ctx, append([]string{"replay", path}, more...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// journalled are the reports in a data folder, in order.
func journalled(t *testing.T, dir string) []devices.Frame {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, datadir.Journal), sqlite.Options{Now: time.Now, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	entries, err := j.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []devices.Frame
	for _, e := range entries {
		if e.Kind != journal.KindReport {
			continue
		}
		var f devices.Frame
		if err := json.Unmarshal(e.Body, &f.Report); err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func TestMonitorSettlesOnTheFirstSpeedThatDecodes(t *testing.T) {
	t.Parallel()
	w := climb(t, "--color", "always")
	w.await("at 4800 baud")
	w.send("\x02I110021001")
	w.send(pressed("1001", "10")) // one frame among little noise, then silence
	w.await("found 4800 baud, kenwood: 1 good frame of 2, 11 bytes of noise")
	if line := w.await("EMERGENCY"); !strings.Contains(line, "\x1b[") || !strings.Contains(line, "fleetsync:102-1001") {
		t.Fatalf("%q", line)
	}
	w.leave()
}

func TestMonitorWithAProtocolShowsFromTheFirstByte(t *testing.T) {
	t.Parallel()
	recording := filepath.Join(t.TempDir(), "gps.jsonl")
	w := climb(t, "--protocol", "kenwood", "--baud", "4800", "--record", recording)
	w.await("at 4800 baud")
	w.send(sitetest.Sentence("GPRMC,044100,A,0650.1840,S,10813.6440,E,010.0,270.0,241126,000.0,E"))
	w.await("nmea", "(names nobody)", "position", "-6.83640 108.22740", "5.1 m/s", "270 deg")
	w.send("\x00\x00\x00")
	w.await("noise, 3 zero bytes: characters with wrong framing")
	w.leave()
	file, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), `"baud":4800,"protocol":"kenwood"`) {
		t.Fatalf("%s", file)
	}
}

func TestMonitorLeavesNoEmptyRecordingAndOverwritesNone(t *testing.T) {
	t.Parallel()
	recording := filepath.Join(t.TempDir(), "nothing.jsonl")
	w := climb(t, "--record", recording)
	w.await("at 4800 baud")
	if shown := w.leave(); !strings.Contains(shown, "nothing was recorded") || !strings.Contains(shown, "0 frames") {
		t.Fatal(shown)
	}
	if _, err := os.Stat(recording); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(recording, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"monitor", "--port", "/dev/null", "--record", recording}, nil, &out, &errs); code != exitUsage {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
}

func TestMonitorSaysWhyThePortIsDown(t *testing.T) {
	t.Parallel()
	path := sitetest.Binary(t)
	cmd := exec.Command(path, "monitor", "--port", "/dev/ttyUSB-not-there")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.Contains(lines.Text(), "/dev/ttyUSB-not-there is not there") {
		t.Fatal(lines.Text())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestMonitorRefusesWrongFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--protocol", "owntracks"}, {"--protocol", "morse"}, {"--baud", "-1"}, {"--color", "blue"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"monitor", "--port", "/dev/null"}, args...), nil, &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), args[0]) {
			t.Errorf("%v: exit %d, %s", args, code, errs.String())
		}
	}
}
