package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"htgateway/gateway/datadir"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/ops/backup"
	"htgateway/gateway/sitetest"
)

// TestBackupOfCluster: the journal of three NATS servers is backed up while phones send,
// with everything that was acknowledged before it began; the backup comes back as an
// equal journal on one machine and in another cluster's area, there whole or not at all.
func TestBackupOfCluster(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 3)
	phones := sitetest.DeviceNames(4)
	s := sitetest.New(t, phones...)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	inCluster := func(area string) string {
		return fmt.Sprintf("journal: {url: %q, area: %s, name: kiri}\n", strings.Join(c.Servers(), ","), area)
	}
	s.Configure(inCluster("majalengka"))
	s.Start()
	st := sitetest.NewStream(t, addr, phones, 1500, 2)
	st.AwaitAcknowledged(1500)
	before := st.Ledger.Texts()
	kept := filepath.Join(t.TempDir(), "backup")
	config := filepath.Join(s.Dir, "htgateway.yaml")
	command := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := run(t.Context(), args, nil, &out, &out); code != want {
			t.Fatalf("%v: exit %d, %s", args, code, &out)
		}
		return out.String()
	}
	command(exitDone, "backup", "--config", config, "--output", kept)
	if during := len(st.Ledger.Texts()); during == len(before) || during == 6000 {
		t.Errorf("%d acknowledged before the backup, %d after it: nothing came meanwhile", len(before), during)
	}
	st.AwaitAcknowledged(6000)
	s.Stop()
	if out := command(exitDone, "restore", kept, "--check"); !strings.Contains(out, "is whole") {
		t.Error(out)
	}
	digest := digestOf(t, kept)

	// Back to one machine.
	plain := filepath.Join(t.TempDir(), "data")
	command(exitDone, "restore", kept, "--data", plain)
	checkHas(t, filepath.Join(plain, datadir.Journal), before)
	s.ReplaceConfig(inCluster("majalengka"), "")
	s.ReplaceConfig("data: {dir: data}", fmt.Sprintf("data: {dir: %q}", plain))
	s.Start()
	s.Stop()
	if out := command(exitDone, "rebuild", "--config", config); strings.Count(out, " equal\n") != 2 {
		t.Errorf("rebuild: %s", out)
	}

	// To another area. Over the old one nothing is put.
	moved := filepath.Join(t.TempDir(), "data")
	s.ReplaceConfig(fmt.Sprintf("data: {dir: %q}", plain), fmt.Sprintf("data: {dir: %q}", moved))
	s.Configure(inCluster("majalengka"))
	if out := command(exitData, "restore", kept, "--config", config); !strings.Contains(out, "has a journal already") {
		t.Errorf("over the old journal: %s", out)
	}
	s.ReplaceConfig(inCluster("majalengka"), inCluster("cirebon"))
	killRestore(t, c, "cirebon", kept, config)
	if out := command(exitData, "backup", "--config", config, "--output", kept+"-half"); !strings.Contains(out, "not whole") {
		t.Errorf("after a restore that was killed: %s", out)
	}
	command(exitDone, "restore", kept, "--config", config)
	again := kept + "-again"
	command(exitDone, "backup", "--config", config, "--output", again)
	if got := digestOf(t, again); got != digest {
		t.Errorf("the journal in the cluster sums up to %s, the backup to %s", got, digest)
	}
	s.Launch(`msg="serial port" link=roof state=up`)
	s.AwaitReady()
	s.Stop()
	checkHas(t, filepath.Join(moved, datadir.Journal), before)
}

// digestOf is what a backup's journal sums up to.
func digestOf(t *testing.T, dir string) string {
	t.Helper()
	m, err := backup.Check(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range m.Databases {
		if d.Digest != "" {
			return d.Digest
		}
	}
	t.Fatal("the journal was not summed up")
	return ""
}

// checkHas looks for texts in a journal file, each once.
func checkHas(t *testing.T, path string, texts []string) {
	t.Helper()
	have := map[string]int{}
	for _, r := range sitetest.StoredReports(t, path) {
		have[r.Text]++
	}
	for _, text := range texts {
		if have[text] != 1 {
			t.Fatalf("%q was acknowledged before the backup and is %d times in %s", text, have[text], path)
		}
	}
}

// killRestore kills a restore as soon as the area's stream has some messages.
func killRestore(t *testing.T, c *natstest.Cluster, area, kept, config string) {
	t.Helper()
	path := sitetest.Binary(t)
	conn, err := nats.Connect(strings.Join(c.Servers(), ","))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	come, err := conn.SubscribeSync("htgateway." + area + ".journal")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "restore", kept, "--config", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := come.NextMsg(time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if cmd.Wait() == nil {
		t.Fatal("the restore had ended before it was killed")
	}
}
