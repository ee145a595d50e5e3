package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// dayLasts is how much simulated time the test of a long run plays: make faults plays a
// day.
var dayLasts = flag.Duration("day", 6*time.Hour, "simulated time that a whole county is played for, at 600 times its speed")

const (
	daySpeed   = 600
	daySamples = 45
	// What the last third of the run may have more than the second, beside what the
	// county's incidents need for ever: each is in memory with its milestones.
	dayHeapShare   = 0.10
	dayHeapBytes   = 4 << 20
	dayPerIncident = 24 << 10
	// The tracker holds the newest hours, and followers the newest thousands, as they came:
	// a run that is not long beside that is still filling up.
	dayFills      = 18 * time.Hour
	dayFilling    = 16 << 20
	dayGoroutines = 12
	dayFiles      = 8
)

// held is what a process holds at one moment.
type held struct {
	heap               float64 // bytes that are reachable, after a collection
	goroutines, files  float64
	entries, incidents float64
}

// TestFaultDayIsFlat plays a county in the real binary, base stations, phones and desk
// with it, for many hours in compressed time: neither memory, nor goroutines, nor open
// files grow, but for the incidents that are kept in memory.
func TestFaultDayIsFlat(t *testing.T) {
	t.Parallel()
	path := sitetest.Binary(t)
	lasts := *dayLasts / daySpeed
	ctx, stop := context.WithTimeout(t.Context(), lasts+time.Minute)
	defer stop()
	const token = "siang-malam"
	cmd := exec.CommandContext(ctx, path, "demo", "--http", "127.0.0.1:0", "--speed", strconv.Itoa(daySpeed), "--duration", lasts.String(), "--data", t.TempDir(), "--token", token)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	page := ""
	for page == "" && lines.Scan() {
		if _, api, is := strings.Cut(lines.Text(), "API:"); is {
			page = strings.TrimSuffix(strings.TrimSpace(api), "/api/v1")
		}
	}
	if page == "" {
		t.Fatalf("the demo prints no address: %s", &said)
	}
	printed := make(chan string, 1)
	go func() {
		rest := strings.Builder{}
		for lines.Scan() {
			rest.WriteString(lines.Text() + "\n")
		}
		printed <- rest.String()
	}()
	if err := sitetest.AwaitReady(ctx, page+"/readyz"); err != nil {
		t.Fatal(err)
	}
	// The last sample is taken before the demo ends.
	tick := time.NewTicker((lasts - time.Since(began)) / (daySamples + 1))
	defer tick.Stop()
	var samples []held
	for range daySamples {
		<-tick.C
		samples = append(samples, holds(t, page, token))
	}
	table := <-printed
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the demo ended badly: %v\n%s", err, &said)
	}
	if !strings.Contains(table, "\n") {
		t.Errorf("the demo prints no response times: %s", table)
	}
	checkFlat(t, samples)
}

// checkFlat holds the last third of a run against the second.
func checkFlat(t *testing.T, samples []held) {
	t.Helper()
	n := len(samples) / 3
	middle := func(part []held, of func(held) float64) float64 {
		var all []float64
		for _, s := range part {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	second, last := samples[n:2*n], samples[2*n:]
	incidents := middle(last, func(s held) float64 { return s.incidents }) - middle(second, func(s held) float64 { return s.incidents })
	for _, part := range [][]held{samples[:n], second, last} {
		t.Logf("heap %.1f MB, %.0f goroutines, %.0f files, %.0f entries, %.0f incidents",
			middle(part, func(s held) float64 { return s.heap })/(1<<20), middle(part, func(s held) float64 { return s.goroutines }),
			middle(part, func(s held) float64 { return s.files }), middle(part, func(s held) float64 { return s.entries }), middle(part, func(s held) float64 { return s.incidents }))
	}
	heapMargin := dayHeapShare*middle(second, func(s held) float64 { return s.heap }) + dayHeapBytes + dayPerIncident*incidents
	if *dayLasts < dayFills {
		heapMargin += dayFilling
	}
	for _, c := range []struct {
		what   string
		of     func(held) float64
		margin float64
	}{
		{"heap bytes", func(s held) float64 { return s.heap }, heapMargin},
		{"goroutines", func(s held) float64 { return s.goroutines }, dayGoroutines},
		{"open files", func(s held) float64 { return s.files }, dayFiles},
	} {
		before, now := middle(second, c.of), middle(last, c.of)
		if now > before+c.margin {
			t.Errorf("%s grew from %.0f to %.0f, by more than %.0f", c.what, before, now, c.margin)
		}
	}
	if first, end := samples[0].entries, samples[len(samples)-1].entries; end < 2*first || incidents <= 0 {
		t.Errorf("%.0f entries at first, %.0f in the end, %.0f incidents between the thirds: nothing happened", first, end, incidents)
	}
}

// holds asks a gateway what it holds.
func holds(t *testing.T, page, token string) held {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no files held by asking
	get := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", path, resp.Status, err)
		}
		return string(text)
	}
	number := func(text, name string) float64 {
		for line := range strings.Lines(text) {
			if rest, is := strings.CutPrefix(line, name); is {
				v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
		}
		t.Fatalf("no %q", name)
		return 0
	}
	heap, metrics := get("/debug/pprof/heap?gc=1&debug=1"), get("/metrics")
	var list struct{ Incidents []json.RawMessage }
	if err := json.Unmarshal([]byte(get("/api/v1/incidents")), &list); err != nil {
		t.Fatal(err)
	}
	return held{
		heap: number(heap, "# HeapAlloc = "), goroutines: number(metrics, "go_goroutines "), files: number(metrics, "process_open_fds "),
		entries: number(metrics, "htgateway_journal_entries "), incidents: float64(len(list.Incidents)),
	}
}
