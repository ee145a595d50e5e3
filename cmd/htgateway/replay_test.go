package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/capture"
	"htgateway/gateway/datadir"
	"htgateway/gateway/sitetest"
)

var recordedAt = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

// recording writes a capture of Kenwood bytes, each piece with its second.
func recording(t *testing.T, pieces ...any) string {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, capture.Header{Port: "/dev/ttyUSB0", Baud: 9600, Protocol: devices.Kenwood, Started: recordedAt})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pieces); i += 2 {
		if err := w.Write([]byte(pieces[i+1].(string)), recordedAt.Add(time.Duration(pieces[i].(float64)*float64(time.Second)))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "capture.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReplayKeepsTheRecordedTime: the same key ten seconds and more apart is two
// presses, however fast the replay; a half frame before a silence is not joined
// with what came after it; a frame in two pieces is one.
func TestReplayKeepsTheRecordedTime(t *testing.T) {
	t.Parallel()
	key := pressed("1001", "13")
	path := recording(t,
		1.0, key, 1.5, key, // heard twice: one report
		12.0, key[:9], 12.1, key[9:],
		20.0, key[:9], 25.0, key[9:], // torn by silence
		40.0, pressed("1002", "11"),
		3600.0, key[:9])
	for _, speed := range []string{"0", "600"} {
		data := filepath.Join(t.TempDir(), "data")
		code, out, errs := replayed(t, path, "--speed", speed, "--data", data)
		if code != exitDone {
			t.Fatalf("speed %s: exit %d\n%s%s", speed, code, out, errs)
		}
		if want := "7 frames: 3 reports, 3 refused, 1 heard before"; !strings.Contains(out, want) {
			t.Fatalf("speed %s: not %q:\n%s", speed, want, out)
		}
		var at []time.Duration
		for _, f := range journalled(t, data) {
			at = append(at, f.Report.ReceivedAt.Sub(recordedAt))
		}
		if fmt.Sprint(at) != "[1s 12.1s 40s]" {
			t.Fatalf("received at %v", at)
		}
	}
}

func TestReplayKnowsTheUnitsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	token := filepath.Join(s.Dir, "token")
	if err := os.WriteFile(token, []byte("rahasia sekali"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(s.Dir, "htgateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	guarded := filepath.Join(s.Dir, "guarded.yaml")
	if err := os.WriteFile(guarded, bytes.Replace(text, []byte("http: {"), []byte("http: {token_file: token, "), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := replayed(t, recording(t, 0.0, pressed("1001", "13")+pressed("1002", "10")), "--speed", "0",
		"--config", guarded, "--data", filepath.Join(t.TempDir(), "data"))
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"DAMKAR 1         fleetsync:102-1001   1", "(no unit)        fleetsync:102-1002   1", "emergency        1", "Emergencies: 1"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if _, err := os.Stat(filepath.Join(s.Dir, "data")); err == nil {
		t.Error("the site's own data folder was touched")
	}
}

func TestReplayTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := recording(t, 0.0, pressed("1001", "13"))
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	used := filepath.Join(dir, "used")
	if err := os.Mkdir(used, 0o700); err != nil {
		t.Fatal(err)
	}
	write("used/"+datadir.Journal, "")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"noise":         {[]string{recording(t, 0.0, "\xff\xfe\n\xfd\n")}, exitData, "nothing was decoded"},
		"nothing":       {[]string{recording(t)}, exitData, "nothing was decoded"},
		"cut off":       {[]string{write("cut", string(text)+`{"t_ms":9`)}, exitData, "line 3"},
		"no capture":    {[]string{write("none", "$GPRMC")}, exitData, "line 1"},
		"protocol":      {[]string{write("morse", strings.Replace(string(text), "kenwood", "morse", 1))}, exitData, `protocol "morse"`},
		"no file":       {[]string{filepath.Join(dir, "nowhere")}, exitUsage, "nowhere"},
		"slow":          {[]string{good, "--speed", "0.5"}, exitUsage, "--speed is 0.5"},
		"not fresh":     {[]string{good, "--data", used}, exitUsage, "holds a journal already"},
		"beyond":        {[]string{good, "--http", "0.0.0.0:0"}, exitUsage, "beyond loopback"},
		"no address":    {[]string{good, "--http", "8112"}, exitUsage, "--http"},
		"configuration": {[]string{good, "--config", filepath.Join(dir, "nowhere.yaml")}, exitUsage, "nowhere.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if !strings.Contains(strings.Join(args, " "), "--data") {
				args = append(args, "--data", filepath.Join(t.TempDir(), "data"))
			}
			if !strings.Contains(strings.Join(args, " "), "--speed") {
				args = append(args, "--speed", "0")
			}
			code, out, errs := replayed(t, args[0], args[1:]...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Fatalf("exit %d, want %d that says %q:\n%s%s", code, c.code, c.says, out, errs)
			}
			if name == "cut off" && !strings.Contains(out, "1 reports") {
				t.Fatalf("what stood before the damage was not replayed:\n%s", out)
			}
		})
	}
}

// TestReplayEndsWhenInterrupted: what was fed until then is summed up.
func TestReplayEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	path := recording(t, 0.0, pressed("1001", "13"), 3600.0, pressed("1001", "14"))
	ctx, interrupt := context.WithCancel(t.Context())
	out := &watched{word: "Page:", found: interrupt}
	var errs bytes.Buffer
	code := run(ctx, []string{"replay", path, "--data", filepath.Join(t.TempDir(), "data")}, nil, out, &errs)
	if code != exitDone || !strings.Contains(out.String(), "Statuses") || errs.Len() > 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs.String())
	}
}

// watched is an output that calls found once it holds a word.
type watched struct {
	bytes.Buffer
	word  string
	found func()
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.word) {
		w.found()
	}
	return n, err
}

func TestReplayClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newReplayClock(recordedAt, 10)
		began := time.Now()
		half := time.AfterFunc(time.Second, func() {
			if got := c.Now(); got != recordedAt.Add(10*time.Second) {
				t.Errorf("half way it shows %v", got)
			}
		})
		defer half.Stop()
		if err := c.reach(t.Context(), recordedAt.Add(20*time.Second)); err != nil {
			t.Fatal(err)
		}
		if real := time.Since(began); real != 2*time.Second || c.Now() != recordedAt.Add(20*time.Second) {
			t.Fatalf("%v of real time to %v", real, c.Now())
		}
		<-time.After(time.Hour) // it stands
		if got := c.Now(); got != recordedAt.Add(20*time.Second) {
			t.Fatal(got)
		}
		// The hour that it stood is made up for.
		began = time.Now()
		if err := c.reach(t.Context(), recordedAt.Add(2*time.Hour)); err != nil || time.Since(began) != 0 {
			t.Fatalf("%v, %v", time.Since(began), err)
		}
		leaping := newReplayClock(recordedAt, 0)
		began = time.Now()
		if err := leaping.reach(t.Context(), recordedAt.Add(time.Minute)); err != nil || leaping.Now() != recordedAt.Add(time.Minute) || time.Since(began) != 0 {
			t.Fatalf("%v, %v", leaping.Now(), err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.reach(ended, recordedAt.Add(9*time.Hour)); err == nil || c.Now() != recordedAt.Add(2*time.Hour) {
			t.Fatalf("%v although it was ended: %v", c.Now(), err)
		}
	})
}
