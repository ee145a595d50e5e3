package faults

import (
	"bufio"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// faultPoints is how many losses of power are tried: few in the short form, 500 with
// `make faults`.
var faultPoints = flag.Int("faults", 10, "instants at which a gateway's power is cut")

// holdAgainst holds what was acknowledged against how often it is there.
func holdAgainst(t *testing.T, where string, acknowledged map[string]bool, there map[string]int) (lost, doubled int) {
	t.Helper()
	for text := range acknowledged {
		if there[text] == 0 {
			lost++
			t.Errorf("acknowledged %q is not in the %s", text, where)
		}
	}
	for text, n := range there {
		if n > 1 {
			doubled++
			t.Errorf("%q is in the %s %d times", text, where, n)
		}
	}
	return lost, doubled
}

// TestFaultsDisk: the disk is full, read-only, failing. Nothing is acknowledged then,
// the gateway says so, and afterwards goes on by itself: nothing is lost, a key that
// was pressed meanwhile neither.
func TestFaultsDisk(t *testing.T) {
	t.Parallel()
	names := sitetest.DeviceNames(4)
	s := sitetest.New(t, names...)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	data := filepath.Join(s.Dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=96m"); err != nil {
		t.Fatalf("a disk that can be filled has to be mounted, by root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	s.Start()
	st := sitetest.NewStream(t, addr, names, 5, 1)
	sent := 5
	for i, fault := range []struct {
		name, key string
		begin     func() (end func())
	}{
		{"full", "12", func() func() { return fill(t, filepath.Join(data, "ballast")) }},
		{"read-only", "13", func() func() { return inject(s, "EROFS") }},
		{"failing", "16", func() func() { return inject(s, "EIO") }},
	} {
		st.AwaitAcknowledged(sent * len(names))
		end := fault.begin()
		sent += 100 << (4 * (1 - min(i, 1))) // a full disk may still have room in its files
		st.Allow(sent)
		s.Press(fault.key)
		why := awaitUnready(s)
		if !strings.Contains(why, "nothing is acknowledged") {
			t.Errorf("%s: the gateway is not ready because %q", fault.name, why)
		}
		s.AwaitLink("journal", func(l sitetest.Link) bool {
			return l.State == "down" && strings.Contains(l.Why, "nothing is acknowledged")
		})
		if n := st.Ledger.Size(); n == sent*len(names) {
			t.Errorf("%s: everything was acknowledged", fault.name)
		}
		end()
		s.AwaitReady()
		s.AwaitLink("journal", func(l sitetest.Link) bool { return l.State == "up" })
	}
	st.AwaitAcknowledged(sent * len(names))
	s.Stop()
	stored, keys := map[string]int{}, map[string]int{}
	for _, r := range sitetest.StoredReports(t, filepath.Join(data, "journal.db")) {
		if r.Link == "roof" {
			keys[r.StatusCode]++
			continue
		}
		stored[r.Text]++
	}
	lost, doubled := holdAgainst(t, "journal", st.Ledger.By, stored)
	if keys["12"] != 1 || keys["13"] != 1 || keys["16"] != 1 {
		t.Errorf("keys pressed while the disk had trouble are stored %v times", keys)
	}
	t.Logf("disk full, read-only, failing: acknowledged %d, in the journal %d; lost %d, doubled %d", len(st.Ledger.By), len(stored), lost, doubled)
}

// fill fills a disk to the last byte until end is called.
func fill(t *testing.T, ballast string) (end func()) {
	t.Helper()
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 16 // down to the last page
		}
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitUnready returns why the gateway says that it is not ready.
func awaitUnready(s *sitetest.Site) string {
	s.T.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(60 * time.Second); ; {
		resp, err := http.Get(s.Page + "/readyz")
		if err != nil {
			s.T.Fatalf("%v\n%s", err, s.Log)
		}
		said, err := bufio.NewReader(resp.Body).ReadString(0)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusServiceUnavailable {
			return said
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.T.Fatalf("the gateway is ready all the time: %s %v\n%s", said, err, s.Log)
		}
	}
}

// inject has every write, truncation and sync of the gateway's files fail, until end is
// called.
func inject(s *sitetest.Site, errno string) (end func()) {
	const calls = "pwrite64,ftruncate,fallocate,fsync,fdatasync"
	return strace(s, "-e", "trace="+calls, "-e", "inject="+calls+":error="+errno, "-o", os.DevNull)
}

// strace attaches to the gateway until end is called.
func strace(s *sitetest.Site, args ...string) (end func()) {
	s.T.Helper()
	cmd := exec.Command("strace", append(args, "-f", "-p", strconv.Itoa(s.Cmd.Process.Pid))...)
	said, err := cmd.StderrPipe()
	if err != nil {
		s.T.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.T.Fatalf("cannot start strace (apt-get install strace): %v", err)
	}
	s.T.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(said)
	attached := lines.Scan() && strings.Contains(lines.Text(), "attached")
	if !attached {
		s.T.Fatalf("strace does not attach: %s", lines.Text())
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	return func() {
		s.T.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			s.T.Fatal(err)
		}
		<-drained
		_ = cmd.Wait() // interrupted
	}
}
