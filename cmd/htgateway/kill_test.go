package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// within bounds how long a stream with its kills may take on a busy machine.
const within = 100 * time.Second

// TestKillLosesNothingAcknowledged: twenty devices send ten thousand QoS 1 messages
// to the embedded broker, and the gateway is killed at random instants and started
// again. The devices connect and send again by themselves. In the end every message is
// acknowledged, and in the journal exactly once.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const phones, each, kills = 20, 500, 3
	names := deviceNames(phones)
	s := newSite(t, names...)
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	s.replaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	s.start()
	st := newStream(t, addr, names, each, 2)
	for n := range kills {
		st.awaitAcknowledged((n+1)*phones*each/(kills+1) + rand.IntN(phones*each/20))
		s.kill()
		s.start()
	}
	st.awaitAcknowledged(phones * each)
	s.kill()
	stored := storedTexts(t, s)
	for text := range st.ledger.by {
		if stored[text] != 1 {
			t.Errorf("acknowledged %q is in the journal %d times", text, stored[text])
		}
	}
	if len(stored) != phones*each {
		t.Errorf("%d different messages stored of %d", len(stored), phones*each)
	}
}

func deviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("psc%d", i)
	}
	return names
}

// ledger is what was acknowledged, by its text, kept apart from all that the gateway
// keeps.
type ledger struct {
	mu    sync.Mutex
	by    map[string]bool
	at    map[string]time.Time // when it was first told so
	grown chan struct{}
}

func newLedger() *ledger {
	return &ledger{by: map[string]bool{}, at: map[string]time.Time{}, grown: make(chan struct{})}
}

// size is how many were acknowledged.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.by)
}

// texts are all that were acknowledged.
func (l *ledger) texts() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.by))
}

func (l *ledger) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.by[text] {
		l.by[text], l.at[text] = true, time.Now()
	}
	close(l.grown)
	l.grown = make(chan struct{})
}

// await waits until so many are in.
func (l *ledger) await(t *testing.T, n int) {
	t.Helper()
	l.until(t, fmt.Sprintf("%d acknowledgements", n), func() bool { return len(l.by) >= n })
}

func (l *ledger) until(t *testing.T, what string, enough func() bool) {
	t.Helper()
	for deadline := time.After(within); ; {
		l.mu.Lock()
		done, n, grown := enough(), len(l.by), l.grown
		l.mu.Unlock()
		if done {
			return
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("never %s: %d", what, n)
		}
	}
}

func (st *stream) awaitAcknowledged(n int) {
	st.t.Helper()
	st.ledger.await(st.t, n)
}

// storedTexts counts the journal's reports by their text.
func storedTexts(t *testing.T, s *site) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, r := range storedReports(t, filepath.Join(s.dir, "data", "journal.db")) {
		counts[r.Text]++
	}
	return counts
}

// storedReports reads a journal's reports.
func storedReports(t *testing.T, path string) []devices.Report {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var out []devices.Report
	for after := uint64(0); ; {
		entries, err := j.Read(t.Context(), after, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return out
		}
		for _, e := range entries {
			after = e.Seq
			if e.Kind != journal.KindReport {
				continue
			}
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				t.Fatal(err)
			}
			out = append(out, r)
		}
	}
}
