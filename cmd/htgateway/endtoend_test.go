package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

func TestKeyOnPtyBecomesAnArrival(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	events := s.events("")
	id := s.reach()
	for _, noise := range []string{"\xff\x00garbage", "\x02I11002", "$PKLID,00,102,1001,13,00,*00\r\n"} {
		if _, err := s.radio.WriteString(noise); err != nil {
			t.Fatal(err)
		}
	}
	s.press("13")
	arrival := s.await(events, "arrival by key", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	if arrival.Milestone.Evidence != "key" || arrival.Milestone.Report == "" || arrival.Unit != "damkar-1" {
		t.Fatalf("%+v", arrival)
	}
	resp, err := http.Get(s.page + "/api/v1/incidents/" + id)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var in struct {
		Status string `json:"status"`
		Clocks []struct{ Clock, State string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&in); err != nil {
		t.Fatal(err)
	}
	if in.Status != "on_scene" || !slices.Contains(in.Clocks, struct{ Clock, State string }{"on_scene_update", "met"}) {
		t.Fatalf("%+v", in)
	}
	s.stop()
}

func TestEventStreamResumesAfterARestart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	events := s.events("")
	s.reach()
	s.press("12")
	seen := s.await(events, "en route", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "en_route" })
	s.press("13")
	s.await(events, "arrival", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.kill()
	s.start()
	again := s.events(seen.id)
	s.await(again, "arrival again", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.stop()
}

// TestKillLosesNothingAcknowledged streams QoS 1 messages from phones and kills
// the gateway at random instants: every acknowledged one is in the journal once.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const phones, rounds, each = 6, 4, 150
	names := make([]string, phones)
	for i := range names {
		names[i] = fmt.Sprintf("psc%d", i)
	}
	s := newSite(t, names...)
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for round := range rounds {
		s.start()
		broker := s.broker
		stop := make(chan struct{})
		var wg sync.WaitGroup
		enough := make(chan struct{}, phones*each)
		for _, name := range names {
			wg.Go(func() {
				c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + broker).SetClientID(name).
					SetUsername(name).SetPassword(phonePassword).SetAutoReconnect(false))
				if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
					return // killed before it connected
				}
				defer c.Disconnect(0)
				for i := range each {
					seq := fmt.Sprintf("%s-%d-%d", name, round, i)
					tok := c.Publish("htgateway/devices/"+name+"/report", 1, false, fmt.Sprintf(`{"text":"kabar","time":"2026-11-23T09:00:00Z","seq":%d}`, round*each+i))
					select {
					case <-tok.Done():
						if tok.Error() != nil || !c.IsConnectionOpen() {
							return
						}
					case <-stop:
						return
					}
					mu.Lock()
					acknowledged[seq] = true
					mu.Unlock()
					enough <- struct{}{}
				}
			})
		}
		for range 20 + rand.IntN(phones*each/2) {
			select {
			case <-enough:
			case <-time.After(20 * time.Second):
				t.Fatalf("no acknowledgements:\n%s", s.log)
			}
		}
		s.kill()
		close(stop)
		wg.Wait()
	}
	stored := storedReports(t, filepath.Join(s.dir, "data", "journal.db"), each)
	for seq := range acknowledged {
		if stored[seq] != 1 {
			t.Fatalf("acknowledged %s is in the journal %d times", seq, stored[seq])
		}
	}
	t.Logf("%d kills, %d acknowledged, %d stored, none lost, none double", rounds, len(acknowledged), len(stored))
}

// storedReports counts each phone's reports in the journal by name, round and number.
func storedReports(t *testing.T, path string, each int) map[string]int {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	counts := map[string]int{}
	enough := errors.New("read to the end")
	last, err := j.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = j.Follow(t.Context(), 0, func(entries []journal.Entry) error {
		for _, e := range entries {
			if e.Kind == journal.KindReport {
				var r devices.Report
				if err := json.Unmarshal(e.Body, &r); err != nil {
					return err
				}
				var n int
				if _, err := fmt.Sscan(r.Sequence, &n); err != nil {
					return err
				}
				counts[fmt.Sprintf("%s-%d-%d", r.Device[len("field:"):], n/each, n%each)]++
			}
		}
		if entries[len(entries)-1].Seq == last {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return counts
}
