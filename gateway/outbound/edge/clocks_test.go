package edge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/outbound/edge"
)

// mountain is an edge site whose clock is off, and its centre, which can be out of reach.
type mountain struct {
	t            *testing.T
	off          atomic.Int64 // nanoseconds ahead of the true time
	reachable    atomic.Bool
	site, centre *sqlite.Journal
	office       *httptest.Server
	end          func()
	n            int
}

func newMountain(t *testing.T) *mountain {
	t.Helper()
	m := &mountain{t: t, end: func() {}}
	quiet := slog.New(slog.DiscardHandler)
	openAt := func(now func() time.Time) *sqlite.Journal {
		j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Now: now, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.Close() })
		return j
	}
	m.site, m.centre = openAt(m.now), openAt(time.Now)
	in := intake.New(m.centre, intake.Options{Codebook: devices.DefaultCodebook(), Now: time.Now, Log: quiet})
	edges := link.NewEdges(in, account.NewVerifier(time.Now), time.Now, quiet)
	edges.SetUsers(map[string]account.User{"ciremai": {Name: "ciremai", Hash: password.Hash([]byte("rahasia")), Role: account.Edge}})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/edges/{site}/records", func(w http.ResponseWriter, r *http.Request) {
		if !m.reachable.Load() {
			http.Error(w, "the network is down", http.StatusBadGateway)
			return
		}
		edges.ServeHTTP(w, r)
	})
	m.office = httptest.NewServer(mux)
	t.Cleanup(func() { m.end(); m.office.Close() })
	return m
}

// now is the site's clock.
func (m *mountain) now() time.Time { return time.Now().Add(time.Duration(m.off.Load())) }

// run begins another run of the site's gateway.
func (m *mountain) run() {
	m.t.Helper()
	m.end()
	ctx, stop := context.WithCancel(context.Background())
	sender := edge.New(m.site, edge.Settings{Site: "ciremai", Password: "rahasia", Centres: []string{m.office.URL}, PerSecond: 1000, Now: m.now, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error, 1)
	go func() { ended <- sender.Run(ctx) }()
	m.end = func() {
		stop()
		if err := <-ended; err != nil {
			m.t.Error(err)
		}
		m.end = func() {}
	}
	m.until("the sender has begun", func() bool { s := sender.Status()[0]; return s.Why != "not tried yet" })
}

// until waits for something that the sender does by itself.
func (m *mountain) until(what string, is func() bool) {
	m.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-limit:
			m.t.Fatal("in vain until ", what)
		}
	}
}

// hears has the site journal a key.
func (m *mountain) hears() {
	m.t.Helper()
	m.n++
	at := m.now().UTC()
	id := fmt.Sprint("r", m.n)
	r, err := journal.NewRecord(journal.KindReport, id, at, devices.Report{ID: id, Device: "fleetsync:100-1001", Protocol: devices.Kenwood, Kind: devices.KindStatus, StatusCode: "13", Raw: []byte(id), Link: "hill", ReceivedAt: at})
	if err == nil {
		_, err = m.site.Append(m.t.Context(), r)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// arrive waits for all keys, and returns what the centre has of each: how far the site's
// clock was ahead, in whole seconds.
func (m *mountain) arrive() map[string]string {
	m.t.Helper()
	m.reachable.Store(true)
	got := map[string]string{}
	all := errors.New("all are here")
	limit, cancel := context.WithTimeout(m.t.Context(), 20*time.Second)
	defer cancel()
	err := m.centre.Follow(limit, 0, func(entries []journal.Entry) error {
		for _, e := range entries {
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				return err
			}
			ahead, known := r.SiteClockS.Value()
			got[r.ID] = "unknown"
			if known {
				got[r.ID] = fmt.Sprintf("%.0f", ahead+0.0)
			}
		}
		if len(got) == m.n {
			return all
		}
		return nil
	})
	if !errors.Is(err, all) {
		m.t.Fatal(err, got)
	}
	return got
}

func (m *mountain) expect(want ...string) {
	m.t.Helper()
	got := m.arrive()
	for i, w := range want {
		if g := got[fmt.Sprint("r", i+1)]; g != w && "-"+g != w && g != "-"+w { // -0 is 0
			m.t.Errorf("key %d: the clock was %s s ahead, want %s", i+1, g, w)
		}
	}
}

// noted waits until the site keeps that its clock was set.
func (m *mountain) noted(ranges int) {
	m.t.Helper()
	m.until("the step is noted", func() bool {
		_, state, err := m.site.Snapshot(m.t.Context(), "edge")
		var kept struct {
			Clocks []json.RawMessage `json:"clocks"`
		}
		return err == nil && len(state) > 0 && json.Unmarshal(state, &kept) == nil && len(kept.Clocks) >= ranges
	})
}

// TestClockSetRightWhileCutOff: a machine without a clock of its own hears keys an hour
// behind, NTP sets it right, and only then the centre is reached.
func TestClockSetRightWhileCutOff(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-time.Hour, 7 * time.Hour, -20 * 365 * 24 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			m := newMountain(t)
			m.off.Store(int64(off))
			m.run()
			m.hears()
			m.hears()
			m.off.Store(0)
			m.hears()
			m.noted(2)
			m.hears()
			wrong := fmt.Sprintf("%.0f", off.Seconds())
			m.expect(wrong, wrong, "0", "0")
		})
	}
}

// TestClockOfAnEarlierRunIsNotClaimed: how the clock stood before the gateway began again is
// known as far as it was measured then, and else not.
func TestClockOfAnEarlierRunIsNotClaimed(t *testing.T) {
	t.Parallel()
	m := newMountain(t)
	m.hears() // nobody watched the clock
	m.reachable.Store(true)
	m.run()
	m.expect("unknown")
	m.reachable.Store(false)
	m.hears() // in a run that reached the centre
	m.off.Store(int64(-time.Hour))
	m.run()
	m.hears() // in one that did not
	m.off.Store(0)
	m.run()
	m.hears()
	m.expect("unknown", "0", "unknown", "0")
}

// TestClockSetTwice: each key has the offset that was known when it came.
func TestClockSetTwice(t *testing.T) {
	t.Parallel()
	m := newMountain(t)
	m.reachable.Store(true)
	m.run()
	m.hears()
	m.expect("0")
	m.reachable.Store(false)
	m.off.Store(int64(90 * time.Second))
	m.hears()
	m.noted(2)
	m.off.Store(int64(-40 * time.Second))
	m.hears()
	m.noted(3)
	m.expect("0", "90", "-40")
}
