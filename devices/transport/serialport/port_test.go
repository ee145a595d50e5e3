package serialport_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"htgateway/devices/transport/serialport"
)

// ear keeps what a port delivers.
type ear struct {
	heard  chan string
	quiets chan struct{}
}

func newEar() *ear {
	return &ear{heard: make(chan string, 100), quiets: make(chan struct{}, 100)}
}

func (e *ear) Bytes(p []byte, _ time.Time) { e.heard <- string(p) }
func (e *ear) Quiet(time.Time)             { e.quiets <- struct{}{} }

func (e *ear) expect(t *testing.T, want string) {
	t.Helper()
	got := ""
	deadline := time.After(20 * time.Second)
	for got != want {
		select {
		case s := <-e.heard:
			got += s
		case <-deadline:
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
}

// radio is a base station on a pty.
func radio(t *testing.T) (end *os.File, device string) {
	t.Helper()
	end, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = end.Close(), line.Close() })
	return end, line.Name()
}

// start runs a port and returns the channel of its states.
func start(t *testing.T, s serialport.Settings, h serialport.Handler) (*serialport.Port, chan serialport.State) {
	t.Helper()
	states := make(chan serialport.State, 100)
	p := serialport.New(s, h, time.Now, slog.New(slog.DiscardHandler), func(s serialport.State) { states <- s })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the port did not end")
		}
	})
	return p, states
}

func awaitState(t *testing.T, states chan serialport.State, name string) serialport.State {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case s := <-states:
			if s.Name == name {
				return s
			}
		case <-deadline:
			t.Fatalf("never %s", name)
		}
	}
}

func TestBytesArriveAndSilenceIsTold(t *testing.T) {
	t.Parallel()
	end, device := radio(t)
	e := newEar()
	_, states := start(t, serialport.Settings{ID: "roof", Device: device}, e)
	awaitState(t, states, "up")
	if _, err := end.WriteString("\x02I110011001"); err != nil {
		t.Fatal(err)
	}
	e.expect(t, "\x02I110011001")
	select {
	case <-e.quiets:
	case <-time.After(10 * time.Second):
		t.Fatal("no word of the silence")
	}
}

func TestUnplugAndReplugUnderAnotherName(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	first, firstDevice := radio(t)
	if err := os.Symlink(firstDevice, filepath.Join(place, "radio-ttyUSB0")); err != nil {
		t.Fatal(err)
	}
	e := newEar()
	_, states := start(t, serialport.Settings{ID: "roof", Device: filepath.Join(place, "radio-*")}, e)
	awaitState(t, states, "up")
	if _, err := first.WriteString("half a fra"); err != nil {
		t.Fatal(err)
	}
	e.expect(t, "half a fra")
	if err := os.Remove(filepath.Join(place, "radio-ttyUSB0")); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	awaitState(t, states, "down")
	second, secondDevice := radio(t)
	if err := os.Symlink(secondDevice, filepath.Join(place, "radio-ttyUSB1")); err != nil {
		t.Fatal(err)
	}
	s := awaitState(t, states, "up")
	if !strings.HasSuffix(s.Device, "ttyUSB1") || s.Opens != 2 {
		t.Fatalf("%+v", s)
	}
	if _, err := second.WriteString("whole again"); err != nil {
		t.Fatal(err)
	}
	e.expect(t, "whole again")
}

func TestMissingPortSaysSoAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "ttyUSB7")
	e := newEar()
	_, states := start(t, serialport.Settings{ID: "roof", Device: place}, e)
	if s := awaitState(t, states, "down"); !strings.Contains(s.Why, "not there") {
		t.Fatalf("%+v", s)
	}
	_, device := radio(t)
	if err := os.Symlink(device, place); err != nil {
		t.Fatal(err)
	}
	awaitState(t, states, "up")
}

func TestWriteReachesTheRadioAndNeverHangs(t *testing.T) {
	t.Parallel()
	end, device := radio(t)
	p, states := start(t, serialport.Settings{ID: "roof", Device: device}, newEar())
	awaitState(t, states, "up")
	if err := p.Write(t.Context(), []byte("ping")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(end, buf); err != nil || string(buf) != "ping" {
		t.Fatalf("%q, %v", buf, err)
	}
	// Nobody reads any more: the pty fills up and a write would block for ever.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var err error
	for range 1000 {
		if err = p.Write(ctx, make([]byte, 4096)); err != nil {
			break
		}
	}
	if err == nil {
		t.Fatal("a full line took 4 MB")
	}
}
