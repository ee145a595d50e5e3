package rules

import (
	"os/exec"
	"strings"
	"testing"
)

// ranking is which room stands before which: a package imports only what stands in
// an earlier line, or in its own. The longest prefix that matches counts.
var ranking = [][]string{
	{"geo/"},
	{"devices/"},
	{"devices/protocol/", "devices/transport/", "devices/account/"},
	{"gateway/incident/sop/", "gateway/journal/", "gateway/state/snapshot/"},
	{"gateway/incident/"},
	{"gateway/state/", "gateway/status/", "gateway/journal/probe/", "telemetry/"},
	{"gateway/outbound/", "gateway/simulation/"},
	{"gateway/inbound/", "configs/"},
	{"gateway/history/"},
	{"gateway/http/", "gateway/config/"},
	{"gateway/datadir/", "gateway/cluster/", "gateway/memory/"},
	{"gateway/ops/"},
	{"gateway/"},
	{"cmd/"},
}

// rank is a package's line in the ranking, -1 for one that has none.
func rank(pkg string) int {
	best, length := -1, -1
	for i, rooms := range ranking {
		for _, room := range rooms {
			if strings.HasPrefix(pkg+"/", room) && len(room) > length {
				best, length = i, len(room)
			}
		}
	}
	return best
}

// TestDataFlowsOneWay holds every package to the rooms that stand before its own:
// bytes → frame → report → journal → tracker → update → sinks. Helpers of tests may
// import anything, and nothing that is shipped imports them.
func TestDataFlowsOneWay(t *testing.T) {
	t.Parallel()
	const module = "htgateway/"
	for _, line := range packagesAs(t, `{{.ImportPath}} {{join .Imports " "}}`) {
		words := strings.Fields(line)
		name := strings.TrimPrefix(words[0], module)
		own := rank(name)
		if own < 0 {
			t.Errorf("package %s stands in no room", name)
		}
		if helpsTests(name) {
			continue
		}
		for _, dep := range words[1:] {
			dep, ours := strings.CutPrefix(dep, module)
			switch {
			case !ours:
			case helpsTests(dep):
				t.Errorf("%s imports %s, which is for tests", name, dep)
			case rank(dep) > own:
				t.Errorf("%s imports %s, which does not stand before it", name, dep)
			}
		}
	}
}

// helpsTests tells whether a package is for tests only: its name ends in "test", or it
// holds end-to-end tests.
func helpsTests(name string) bool {
	return strings.HasSuffix(name, "test") || strings.HasPrefix(name, "gateway/sitetest/")
}

// packagesAs is a line of each package of the module, as go list makes it.
func packagesAs(t *testing.T, format string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, "../../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
