package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestSimulatePlaysAroundAGatewayOfItsOwn runs both commands as two terminals would
// and waits for the first team's position on the API.
func TestSimulatePlaysAroundAGatewayOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address, broker := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t)), fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	out, in := io.Pipe()
	played := make(chan int, 1)
	go func() {
		played <- run(ctx, []string{"simulate", "--data", dir, "--http", address, "--mqtt", broker, "--skew", "5s", "--loss", "0.05"}, strings.NewReader(""), in, io.Discard)
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Page:") {
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	for _, station := range []string{"pos-ciremai", "pos-orari", "pos-tetra"} {
		if device, err := os.Readlink(filepath.Join(dir, station)); err != nil || !strings.HasPrefix(device, "/dev/") {
			t.Errorf("%s is %q: %v", station, device, err)
		}
	}
	ran := make(chan int, 1)
	go func() {
		ran <- run(ctx, []string{"run", "--config", filepath.Join(dir, "htgateway.yaml")}, strings.NewReader(""), io.Discard, io.Discard)
	}()
	if err := awaitGateway(ctx, "http://"+address+"/readyz"); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	events := bufio.NewScanner(resp.Body)
	events.Buffer(nil, 1<<20)
	fixed := false
	for !fixed && events.Scan() {
		fixed = strings.HasPrefix(events.Text(), "data: ") && strings.Contains(events.Text(), `"kind":"fix"`)
	}
	if !fixed {
		t.Errorf("no team's position came: %v", events.Err())
	}
	_ = resp.Body.Close() // read enough of it
	stop()
	if code := <-ran; code != exitDone {
		t.Errorf("run ended with %d", code)
	}
	if code := <-played; code != exitDone {
		t.Errorf("simulate ended with %d", code)
	}
}

// TestSimulateFastJournal: a year's journal gives the figures that the same year's series
// has, and its truth has a line for each unit that was sent.
func TestSimulateFastJournal(t *testing.T) {
	t.Parallel()
	dir, series, truth := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "truth.jsonl")
	year := []string{"--incidents", "300", "--fixes", "6000", "--units", "12", "--seed", "7"}
	for _, args := range [][]string{
		append([]string{"simulate", "--fast", "--data", series}, year...),
		append([]string{"simulate", "--fast", "--journal", "--data", dir, "--truth", truth}, year...),
	} {
		if _, said, code := command(t, "", args...); code != exitDone {
			t.Fatalf("%v: exit %d: %s", args, code, said)
		}
	}
	want, _, _ := command(t, "", "report", "--format", "csv", "--data", series)
	got, said, code := command(t, "", "report", "--format", "csv", "--data", dir)
	if code != exitDone || len(want) < 500 || withoutOpen(got) != withoutOpen(want) {
		t.Errorf("exit %d: %s\n%s\nof the series:\n%s", code, said, got, want)
	}
	text, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	for milestone, most := range map[string]int{"dispatched": 600, "on_scene": 600, "completed": 600} {
		if n := strings.Count(string(text), `"milestone":"`+milestone+`"`); n < 200 || n > most {
			t.Errorf("%d lines of %s", n, milestone)
		}
	}
	if _, said, code := command(t, "", append([]string{"simulate", "--fast", "--journal", "--data", dir}, year...)...); code != exitUsage || !strings.Contains(said, "is there already") {
		t.Errorf("a journal is written over: exit %d, %s", code, said)
	}
}

// withoutOpen leaves out the columns of what is open still: its length hangs on now.
func withoutOpen(figures string) string {
	var b strings.Builder
	for line := range strings.Lines(figures) {
		b.WriteString(strings.Join(strings.Split(line, ",")[:12], ",") + "\n")
	}
	return b.String()
}
