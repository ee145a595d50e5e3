package rules

import (
	"bufio"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

var (
	listedMetric = regexp.MustCompile("^\\| `(htgateway_[a-z_]+)` \\| (counter|gauge) \\|[^|]*\\| [^|]+ \\| [^|]+\\.? \\|$")
	typedMetric  = regexp.MustCompile(`^# TYPE (\S+) (\S+)$`)
)

// TestMetricsAreThoseOfTheList holds gateway/docs/metrics.md against a running gateway.
func TestMetricsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../gateway/docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if m := listedMetric.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			listed[m[1]] = m[2]
		}
	}
	s := sitetest.New(t)
	s.Start()
	resp, err := http.Get(strings.TrimSuffix(s.Page, "/") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	live := map[string]string{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if m := typedMetric.FindStringSubmatch(lines.Text()); m != nil {
			live[m[1]] = m[2]
		}
	}
	for name, kind := range live {
		switch {
		case strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_"):
		case listed[name] != kind:
			t.Errorf("%s is a %s, and the list says %q", name, kind, listed[name])
		}
	}
	// These appear where there are edge sites.
	for _, later := range []string{"htgateway_site_waiting", "htgateway_site_clock_seconds"} {
		if _, is := listed[later]; !is {
			t.Errorf("%s is not listed", later)
		}
		delete(listed, later)
	}
	for name := range listed {
		if live[name] == "" {
			t.Errorf("%s is listed, and is nowhere", name)
		}
	}
	if live["go_goroutines"] == "" || live["process_open_fds"] == "" {
		t.Errorf("runtime and process are missing: %v", live)
	}
}
