package rules

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/sitetest"
)

// TestClusterFolder: every configuration that configs/cluster/try runs is one.
func TestClusterFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../../configs/cluster")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"users", "ciremai.password", "careme.password"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gateways, err := filepath.Glob(filepath.Join(dir, "*-[12].yaml"))
	if err != nil || len(gateways) != 4 {
		t.Fatalf("%v %v", gateways, err)
	}
	for _, file := range gateways {
		var out, errs bytes.Buffer
		if code := sitetest.Run(t.Context(), t, []string{"config", "check", file}, nil, &out, &errs); code != sitetest.ExitDone {
			t.Errorf("%s: %s", file, errs.String())
		}
	}
	for _, name := range []string{"n1.conf", "n2.conf", "n3.conf"} {
		cmd := exec.Command(natstest.Binary(t), "-t", "-c", name)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
