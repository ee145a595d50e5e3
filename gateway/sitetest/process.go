package sitetest

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"htgateway/gateway/journal/jetstream/natstest"
)

var serving = regexp.MustCompile(`msg=serving page=(\S+) broker=(\S*)`)

// Start runs the binary and returns once it serves and listens to the radio.
func (s *Site) Start() {
	s.T.Helper()
	s.Launch(`msg="serial port" link=roof state=up`)
	// What the journal holds from before has to be folded before it is asked for.
	s.AwaitReady()
}

// AwaitReady returns once the gateway says that it is ready.
func (s *Site) AwaitReady() { s.T.Helper(); s.ReadyWithin(30 * time.Second) }

// ReadyWithin returns once the gateway says so, and fails the test after a time.
func (s *Site) ReadyWithin(atMost time.Duration) {
	s.T.Helper()
	folded, cancel := context.WithTimeout(s.T.Context(), atMost)
	defer cancel()
	if err := AwaitReady(folded, s.Page+"/readyz"); err != nil {
		s.T.Fatalf("the gateway did not get ready: %v\n%s", err, s.Log)
	}
}

// Launch runs the binary and returns once it logs a sign.
func (s *Site) Launch(sign string) {
	s.T.Helper()
	select {
	case <-s.Begin(sign):
	case <-time.After(30 * time.Second):
		s.T.Fatalf("the gateway did not come up:\n%s", s.Log)
	}
}

// Begin runs the binary; what it returns is closed once the gateway logs a sign.
func (s *Site) Begin(sign string) <-chan struct{} {
	s.T.Helper()
	s.Cmd = exec.Command(Binary(s.T), "run", "--config", filepath.Join(s.Dir, "htgateway.yaml"))
	stderr, err := s.Cmd.StderrPipe()
	if err != nil {
		s.T.Fatal(err)
	}
	if err := s.Cmd.Start(); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { _ = s.Cmd.Process.Kill() })
	ready := make(chan struct{})
	s.Log = &bytes.Buffer{}
	go func() {
		lines := bufio.NewScanner(stderr)
		up := false
		for lines.Scan() {
			if m := serving.FindStringSubmatch(lines.Text()); m != nil {
				s.Mu.Lock()
				s.Page, s.Broker = m[1], m[2]
				s.Mu.Unlock()
			}
			if strings.Contains(lines.Text(), sign) && !up {
				up = true
				close(ready)
			}
			s.Log.WriteString(lines.Text() + "\n")
		}
	}()
	return ready
}

// Stop ends the gateway as a service manager would, and waits.
func (s *Site) Stop() {
	s.T.Helper()
	s.RSSKiB = max(s.RSSKiB, natstest.PeakKiB(s.Cmd.Process.Pid))
	if err := s.Cmd.Process.Signal(os.Interrupt); err != nil {
		s.T.Fatal(err)
	}
	if err := s.Cmd.Wait(); err != nil {
		s.T.Fatalf("the gateway ended badly: %v\n%s", err, s.Log)
	}
	s.addUsage()
}

// addUsage adds up what a process used that has ended.
func (s *Site) addUsage() {
	s.CPU += s.Cmd.ProcessState.UserTime() + s.Cmd.ProcessState.SystemTime()
}

// Kill ends it as a power switch would.
func (s *Site) Kill() {
	s.T.Helper()
	s.RSSKiB = max(s.RSSKiB, natstest.PeakKiB(s.Cmd.Process.Pid))
	if err := s.Cmd.Process.Kill(); err != nil {
		s.T.Fatal(err)
	}
	_ = s.Cmd.Wait() // killed
	s.addUsage()
}
