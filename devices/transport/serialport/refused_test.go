package serialport_test

import (
	"bufio"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"htgateway/devices/transport/serialport"
)

// nobody runs this test's program again without root's rights, to open a device
// and print the states of the port. Root may open everything.
func nobody(t *testing.T, device string) *bufio.Scanner {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=TestOpenAsNobody")
	cmd.Env = append(os.Environ(), "HTGATEWAY_TEST_DEVICE="+device)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		cmd.Dir = "/"
		program, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		// The test's own folder may be closed to others.
		f, err := os.CreateTemp("/tmp", "serialport-test-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(f.Name()) })
		if _, err := f.Write(program); err != nil {
			t.Fatal(err)
		}
		if err := f.Chmod(0o755); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		cmd.Path, cmd.Args[0] = f.Name(), f.Name()
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	return bufio.NewScanner(out)
}

// TestOpenAsNobody is the other end of nobody; without its variable it has nothing
// to open and only shows that a port that was never run is opening.
func TestOpenAsNobody(t *testing.T) {
	device := os.Getenv("HTGATEWAY_TEST_DEVICE")
	states := make(chan serialport.State, 16)
	p := serialport.New(serialport.Settings{ID: "roof", Device: device}, newEar(), time.Now, slog.New(slog.DiscardHandler), func(s serialport.State) { states <- s })
	if device == "" {
		if s := p.State(); s.Name != "opening" {
			t.Errorf("%+v", s)
		}
		return
	}
	go func() { _ = p.Run(t.Context()) }()
	for s := range states {
		os.Stdout.WriteString(s.Name + " " + s.Why + "\n")
	}
}

func TestPermissionDeniedNamesTheGroup(t *testing.T) {
	t.Parallel()
	_, device := radio(t)
	if err := os.Chmod(device, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := nobody(t, device)
	lines.Scan()
	if got := lines.Text(); !strings.HasPrefix(got, "down ") || !strings.Contains(got, "must be in group") {
		t.Errorf("%q", got)
	}
}

func TestPortInUseNamesTheProcess(t *testing.T) {
	t.Parallel()
	_, device := radio(t)
	if err := os.Chmod(device, 0o666); err != nil {
		t.Fatal(err)
	}
	first := nobody(t, device)
	if first.Scan(); !strings.HasPrefix(first.Text(), "up") {
		t.Fatalf("%q", first.Text())
	}
	second := nobody(t, device)
	second.Scan()
	if got := second.Text(); !strings.HasPrefix(got, "down ") || !strings.Contains(got, "in use by serialport") {
		t.Errorf("%q", got)
	}
}
