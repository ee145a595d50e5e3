package natstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Cluster is some nats-server processes on loopback that are one cluster, each with a
// directory of its own and synchronous writes.
type Cluster struct {
	dir     string
	clients []string // each node's address for clients
	nodes   []*exec.Cmd
	used    []Usage
}

// Usage is what the ended processes of a node used.
type Usage struct {
	CPU time.Duration
	// RSSKiB is the most memory that one of them held.
	RSSKiB int64
}

// Start runs a cluster of n servers until the test ends, and returns once JetStream has
// a leader.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{dir: t.TempDir(), nodes: make([]*exec.Cmd, n), used: make([]Usage, n)}
	routes := make([]string, n)
	listeners := make([]net.Listener, 2*n) // held together, so that no address comes twice
	for i := range listeners {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[i] = l
	}
	for i := range n {
		c.clients = append(c.clients, listeners[i].Addr().String())
		routes[i] = "nats://" + listeners[n+i].Addr().String()
	}
	for _, l := range listeners {
		_ = l.Close() // it is only for its address
	}
	for i := range n {
		config := fmt.Sprintf("server_name: n%d\nlisten: %q\njetstream {store_dir: %q, sync_interval: always}\n", i+1, c.clients[i], filepath.Join(c.dir, fmt.Sprint("n", i+1)))
		if n > 1 {
			config += fmt.Sprintf("cluster {name: test, listen: %q, routes: [%s]}\n", strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", "))
		}
		if err := os.WriteFile(c.config(i), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Run(t, i)
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.Kill(t, i)
		}
	})
	c.await(t)
	return c
}

func (c *Cluster) config(i int) string { return filepath.Join(c.dir, fmt.Sprintf("n%d.conf", i+1)) }

// await returns once a stream could be made.
func (c *Cluster) await(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := nats.Connect(strings.Join(c.Servers(), ","), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for {
		try, end := context.WithTimeout(ctx, 2*time.Second)
		_, err := js.CreateOrUpdateStream(try, jetstream.StreamConfig{Name: "ready", Subjects: []string{"ready"}, Replicas: len(c.nodes)})
		end()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the cluster did not come up: %v", err)
		}
	}
}

// Servers are the addresses for clients.
func (c *Cluster) Servers() []string {
	out := make([]string, len(c.clients))
	for i, addr := range c.clients {
		out[i] = "nats://" + addr
	}
	return out
}

// Run starts a node that does not run.
func (c *Cluster) Run(t testing.TB, i int) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, fmt.Sprintf("n%d.log", i+1)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.nodes[i] = exec.Command(Binary(t), "-c", c.config(i)) // #nosec G204 -- a test's own servers
	c.nodes[i].Stdout, c.nodes[i].Stderr = log, log
	if err := c.nodes[i].Start(); err != nil {
		t.Fatal(err)
	}
}

// Kill ends a node as a power switch would.
func (c *Cluster) Kill(t testing.TB, i int) {
	t.Helper()
	if c.nodes[i] == nil {
		return
	}
	c.used[i].RSSKiB = max(c.used[i].RSSKiB, PeakKiB(c.nodes[i].Process.Pid))
	if err := c.nodes[i].Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.nodes[i].Wait() // killed
	c.used[i].CPU += c.nodes[i].ProcessState.UserTime() + c.nodes[i].ProcessState.SystemTime()
	c.nodes[i] = nil
}

// PeakKiB is the most memory that a running process held (VmHWM of proc(5)), 0 when that
// is not known. Rusage's is the parent's where the parent held more.
func PeakKiB(pid int) (kib int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	_, _ = fmt.Sscan(rest, &kib)
	return kib
}

// Used is what each node used while it ran; call it once they are killed.
func (c *Cluster) Used() []Usage { return c.used }

// Dir is where the nodes keep their files, each in one named n1, n2, n3.
func (c *Cluster) Dir() string { return c.dir }

// Binary is the server as .ci/nats.sh builds and keeps it.
func Binary(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the NATS server")
	}
	path := os.Getenv("HTGATEWAY_NATS")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(cache, "htgateway", "nats-server")
	}
	if _, err := os.Stat(path); err != nil { // #nosec G703 -- the path is HTGATEWAY_NATS, from who runs the tests
		t.Fatalf("this test needs the NATS server: run .ci/nats.sh (about 40 s, once), or set HTGATEWAY_NATS: %v", err)
	}
	return path
}
