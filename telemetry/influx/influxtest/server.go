package influxtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Server is one influxd in a directory of its own, on loopback.
type Server struct {
	// URL of its HTTP API.
	URL string

	config    string
	dir       string
	api       string
	backup    string
	process   *exec.Cmd
	databases atomic.Int64
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server { return StartWith(t, Settings{}) }

// Settings are what a server is made awkward by.
type Settings struct {
	// AskPassword has it refuse whoever has none.
	AskPassword bool
	// MostSeries is how many series a bucket takes; zero for any number.
	MostSeries int
}

// StartWith runs a server with settings.
func StartWith(t testing.TB, more Settings) *Server {
	t.Helper()
	dir := t.TempDir()
	api, backup := freeAddress(t), freeAddress(t)
	s := &Server{URL: "http://" + api, config: filepath.Join(dir, "influxdb.conf"), dir: dir, api: api, backup: backup}
	s.Configure(t, more)
	s.Restart(t)
	t.Cleanup(func() { s.Kill(t) })
	return s
}

// Configure writes other settings, which hold from the next start on.
func (s *Server) Configure(t testing.TB, more Settings) {
	t.Helper()
	config := fmt.Sprintf(`
reporting-disabled = true
bind-address = %q
[meta]
dir = %q
[data]
dir = %q
wal-dir = %q
max-series-per-database = %d
[http]
bind-address = %q
auth-enabled = %t
flux-enabled = true
log-enabled = false
[logging]
level = "warn"
`, s.backup, filepath.Join(s.dir, "meta"), filepath.Join(s.dir, "data"), filepath.Join(s.dir, "wal"), more.MostSeries, s.api, more.AskPassword)
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// binary is the server as .ci/influxd.sh builds and keeps it.
func binary(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs InfluxDB")
	}
	path := os.Getenv("HTGATEWAY_INFLUXD")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(cache, "htgateway", "influxd")
	}
	if _, err := os.Stat(path); err != nil { // #nosec G703 -- the path is HTGATEWAY_INFLUXD, from who runs the tests
		t.Fatalf("this test needs InfluxDB: run .ci/influxd.sh (about 90 s, once), or set HTGATEWAY_INFLUXD: %v", err)
	}
	return path
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = s.process.Wait() // it was killed, and says so
	s.process = nil
}

// Restart starts the server on the address and the data that it had, and waits
// until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.process = exec.Command(binary(t), "-config", s.config) // #nosec G204 -- a test's own server
	var said strings.Builder
	s.process.Stdout, s.process.Stderr = &said, &said
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	ready := time.NewTicker(50 * time.Millisecond)
	defer ready.Stop()
	for !s.answers(ctx) {
		select {
		case <-ready.C:
		case <-ctx.Done():
			s.Kill(t)
			t.Fatalf("influxd did not come up; it said:\n%s", said.String())
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/ping", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusNoContent
}

// Bucket makes an empty bucket and returns its name.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	s.Run(t, "CREATE DATABASE "+name)
	return name + "/autogen"
}

// Run runs a statement of version 1.
func (s *Server) Run(t testing.TB, statement string) {
	t.Helper()
	resp, err := http.PostForm(s.URL+"/query", url.Values{"q": {statement}})
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || strings.Contains(string(said), "error") {
		t.Fatalf("%s: %s: %s %v", statement, resp.Status, said, err)
	}
}
