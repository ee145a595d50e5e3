package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// throughMosquitto starts a site that hears its phones over a Mosquitto, with what that
// broker keeps written every second.
func throughMosquitto(t *testing.T, names ...string) (*site, *mosquittotest.Broker) {
	t.Helper()
	broker := mosquittotest.Start(t, names...)
	s := newSite(t, names...)
	if err := os.WriteFile(filepath.Join(s.dir, "broker-password"), []byte(mosquittotest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, username: %s, password_file: broker-password, topics: [\"htgateway/devices/+/report\"]}\n",
		broker.Addr, mosquittotest.Gateway))
	s.start()
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	return s, broker
}

// TestMosquittoKilledLosesNothingItKept: twenty devices send ten thousand QoS 1 messages
// to a Mosquitto, which is killed three times, and the gateway once. Mosquitto
// acknowledges what it has in memory and writes it down every second: what it
// acknowledged after its last writing before a kill it may have lost, by its own account,
// the store's time. Everything else that it acknowledged is in the journal, and nothing
// is there twice.
func TestMosquittoKilledLosesNothingItKept(t *testing.T) {
	t.Parallel()
	const phones, each, kills = 20, 500, 3
	names := deviceNames(phones)
	s, broker := throughMosquitto(t, append(names, "last")...)
	st := newStream(t, broker.Addr, names, 0, 1)
	type gap struct{ from, to time.Time }
	var gaps []gap
	for n := range kills {
		// Mosquitto takes all of it within a second: what comes before the share in which it
		// is killed is written down first, the gateway's session too.
		done := n * each / kills
		st.awaitAcknowledged(phones * done)
		broker.AwaitWritten(time.Now())
		st.allow((n + 1) * each / kills)
		st.awaitAcknowledged(phones*done + 1 + rand.IntN(phones*each/kills/2))
		if n == 1 {
			s.kill()
			s.start()
		}
		st.during(broker.Kill)
		gaps = append(gaps, gap{broker.Written(), time.Now()})
		broker.Start()
	}
	st.allow(each)
	st.awaitAcknowledged(phones * each)
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	// Mosquitto hands over in the order in which it took: after this one nothing is due.
	broker.Publish("htgateway/devices/last/report", `{"text":"the last","seq":1}`)
	s.awaitText("the last")
	s.stop()
	stored := storedTexts(t, s)
	lost := 0
	for text, at := range st.ledger.at {
		switch n := stored[text]; {
		case n > 1:
			t.Errorf("%q is in the journal %d times", text, n)
		case n == 0:
			lost++
			may := false
			for _, g := range gaps {
				may = may || at.After(g.from) && at.Before(g.to)
			}
			if !may {
				t.Errorf("%q, acknowledged at %s, is not in the journal, and Mosquitto had written it down", text, at)
			}
		}
	}
	t.Logf("%d acknowledged by Mosquitto, %d in the journal once; Mosquitto lost %d that it had acknowledged after its last writing", len(st.ledger.at), len(stored)-1, lost)
	if lost > phones*each*9/10 { // on a busy machine a whole share is taken before the kill
		t.Errorf("%d lost: the test proves little", lost)
	}
}

// awaitText waits until a report with these words is in the journal.
func (s *site) awaitText(text string) {
	s.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	r, err := sqlite.OpenToRead(s.t.Context(), filepath.Join(s.dir, "data", datadir.Journal))
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	after := uint64(0)
	for enough := time.After(time.Minute); ; {
		entries, err := r.Read(s.t.Context(), after, 5000)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, e := range entries {
			after = e.Seq
			if e.Kind == journal.KindReport && strings.Contains(string(e.Body), fmt.Sprintf("%q", text)) {
				return
			}
		}
		if len(entries) > 0 {
			continue
		}
		select {
		case <-again.C:
		case <-enough:
			s.t.Fatalf("%q is not in the journal\n%s", text, s.log)
		}
	}
}

// TestPoisonOverMosquittoIsSetAside: messages that cannot be taken are kept with the
// reason, acknowledged, and neither hold up the next one nor come again, whoever begins
// anew. Twenty of them would else fill what Mosquitto sends before an acknowledgement.
func TestPoisonOverMosquittoIsSetAside(t *testing.T) {
	t.Parallel()
	s, broker := throughMosquitto(t, "andi")
	const topic = "htgateway/devices/andi/report"
	poison := map[string]string{
		"no JSON":     `{"lat":-6.8,`,
		"wrong types": `{"lat":"utara","lon":[],"text":7}`,
		"nested":      strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200),
		"not UTF-8":   "{\"text\":\"\xff\xfe\"",
		"no place":    `{"lat":1e999,"lon":108.2}`,
		"too long":    `{"text":"` + strings.Repeat("x", 70_000) + `"}`,
	}
	for range 5 { // more than are sent unacknowledged
		for _, payload := range poison {
			broker.Publish(topic, payload)
		}
	}
	broker.Publish(topic, `{"text":"after the poison","seq":1}`)
	s.awaitText("after the poison")
	set := s.setAside()
	if set < len(poison) {
		t.Errorf("%d set aside of %d kinds of poison", set, len(poison))
	}
	s.kill()
	broker.Stop()
	broker.Start()
	s.start()
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	broker.Publish(topic, `{"text":"and again","seq":2}`)
	s.awaitText("and again")
	s.stop()
	if now := s.setAside(); now != set {
		t.Errorf("%d set aside after a restart of both, %d before: they came again", now, set)
	}
}

// setAside counts the refused frames in the journal, and holds each to its reason.
func (s *site) setAside() (n int) {
	s.t.Helper()
	r, err := sqlite.OpenToRead(s.t.Context(), filepath.Join(s.dir, "data", datadir.Journal))
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	for e, err := range r.Entries(s.t.Context()) {
		if err != nil {
			s.t.Fatal(err)
		}
		if e.Kind != journal.KindUnparsed {
			continue
		}
		var u journal.Unparsed
		if err := json.Unmarshal(e.Body, &u); err != nil {
			s.t.Fatal(err)
		}
		if u.Reason == "" || u.Link != "county" {
			s.t.Errorf("set aside: %+v", u)
		}
		n++
	}
	return n
}
