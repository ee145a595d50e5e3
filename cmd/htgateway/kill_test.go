package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// within bounds how long a stream with its kills may take on a busy machine.
const within = 100 * time.Second

// TestKillLosesNothingAcknowledged: twenty devices send ten thousand QoS 1 messages
// to the embedded broker, and the gateway is killed at random instants and started
// again. The devices connect and send again by themselves, as paho does. In the end
// every message is acknowledged, and in the journal exactly once.
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
	grown chan struct{}
}

func newLedger() *ledger { return &ledger{by: map[string]bool{}, grown: make(chan struct{})} }

func (l *ledger) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by[text] = true
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

// stream is devices that each send so many messages, and what was acknowledged to
// them.
type stream struct {
	t      *testing.T
	ledger *ledger
}

// inFlight is how many messages a device has unacknowledged at most.
const inFlight = 20

// newStream begins to send. Every numbered-th message of a device tells its own time
// and number; of the others only the transport tells whether they come again.
func newStream(t *testing.T, addr string, names []string, each, numbered int) *stream {
	t.Helper()
	st := &stream{t: t, ledger: newLedger()}
	for _, name := range names {
		c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr).SetClientID(name).SetUsername(name).SetPassword(phonePassword).
			SetProtocolVersion(4).SetCleanSession(false).SetAutoReconnect(true).SetMaxReconnectInterval(200 * time.Millisecond).
			SetConnectRetry(true).SetConnectRetryInterval(100 * time.Millisecond))
		c.Connect()
		t.Cleanup(func() { c.Disconnect(0) })
		go st.send(c, name, each, numbered)
	}
	return st
}

// send sends one device's messages and books each acknowledgement.
func (st *stream) send(c paho.Client, name string, each, numbered int) {
	type sent struct {
		paho.Token
		text string
	}
	window := make(chan sent, inFlight)
	go func() {
		for tok := range window {
			if tok.WaitTimeout(within) && tok.Error() == nil {
				st.ledger.add(tok.text)
			}
		}
	}()
	defer close(window)
	began := time.Now()
	for i := range each {
		text := fmt.Sprintf("%s %d", name, i)
		payload := fmt.Sprintf(`{"text":%q}`, text)
		if i%numbered == 0 {
			at := began.Add(time.Duration(i) * time.Millisecond).UTC().Format(time.RFC3339Nano)
			payload = fmt.Sprintf(`{"text":%q,"time":%q,"seq":%d}`, text, at, i)
		}
		window <- sent{c.Publish("htgateway/devices/"+name+"/report", 1, false, payload), text}
	}
}

func (st *stream) awaitAcknowledged(n int) {
	st.t.Helper()
	st.ledger.await(st.t, n)
}

// storedTexts counts the journal's reports by their text.
func storedTexts(t *testing.T, s *site) map[string]int {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(s.dir, "data", "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	counts := map[string]int{}
	for after := uint64(0); ; {
		entries, err := j.Read(t.Context(), after, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return counts
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
			counts[r.Text]++
		}
	}
}
