package faults

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
	"htgateway/gateway/sitetest"
)

// throughMosquitto starts a site that hears its phones over a Mosquitto, with what that
// broker keeps written every second.
func throughMosquitto(t *testing.T, names ...string) (*sitetest.Site, *mosquittotest.Broker) {
	t.Helper()
	broker := mosquittotest.Start(t, names...)
	s := sitetest.New(t, names...)
	if err := os.WriteFile(filepath.Join(s.Dir, "broker-password"), []byte(mosquittotest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, username: %s, password_file: broker-password, topics: [\"htgateway/devices/+/report\"]}\n",
		broker.Addr, mosquittotest.Gateway))
	s.Start()
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "up" })
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
	names := sitetest.DeviceNames(phones)
	s, broker := throughMosquitto(t, append(names, "last")...)
	st := sitetest.NewStream(t, broker.Addr, names, 0, 1)
	type gap struct{ from, to time.Time }
	var gaps []gap
	for n := range kills {
		// Mosquitto takes all of it within a second: what comes before the share in which it
		// is killed is written down first, the gateway's session too.
		done := n * each / kills
		st.AwaitAcknowledged(phones * done)
		broker.AwaitWritten(time.Now())
		st.Allow((n + 1) * each / kills)
		st.AwaitAcknowledged(phones*done + 1 + rand.IntN(phones*each/kills/2))
		if n == 1 {
			s.Kill()
			s.Start()
		}
		st.During(broker.Kill)
		gaps = append(gaps, gap{broker.Written(), time.Now()})
		broker.Start()
	}
	st.Allow(each)
	st.AwaitAcknowledged(phones * each)
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "up" })
	// Mosquitto hands over in the order in which it took: after this one nothing is due.
	broker.Publish("htgateway/devices/last/report", `{"text":"the last","seq":1}`)
	awaitText(s, "the last")
	s.Stop()
	stored := storedTexts(t, s)
	lost := 0
	for text, at := range st.Ledger.At {
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
	t.Logf("%d acknowledged by Mosquitto, %d in the journal once; Mosquitto lost %d that it had acknowledged after its last writing", len(st.Ledger.At), len(stored)-1, lost)
	if lost > phones*each*9/10 { // on a busy machine a whole share is taken before the kill
		t.Errorf("%d lost: the test proves little", lost)
	}
}

// awaitText waits until a report with these words is in the journal.
func awaitText(s *sitetest.Site, text string) {
	s.T.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	r, err := sqlite.OpenToRead(s.T.Context(), filepath.Join(s.Dir, "data", datadir.Journal))
	if err != nil {
		s.T.Fatal(err)
	}
	defer r.Close()
	after := uint64(0)
	for enough := time.After(time.Minute); ; {
		entries, err := r.Read(s.T.Context(), after, 5000)
		if err != nil {
			s.T.Fatal(err)
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
			s.T.Fatalf("%q is not in the journal\n%s", text, s.Log)
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
	awaitText(s, "after the poison")
	set := setAside(s)
	if set < len(poison) {
		t.Errorf("%d set aside of %d kinds of poison", set, len(poison))
	}
	s.Kill()
	broker.Stop()
	broker.Start()
	s.Start()
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "up" })
	broker.Publish(topic, `{"text":"and again","seq":2}`)
	awaitText(s, "and again")
	s.Stop()
	if now := setAside(s); now != set {
		t.Errorf("%d set aside after a restart of both, %d before: they came again", now, set)
	}
}

// setAside counts the refused frames in the journal, and holds each to its reason.
func setAside(s *sitetest.Site) (n int) {
	s.T.Helper()
	r, err := sqlite.OpenToRead(s.T.Context(), filepath.Join(s.Dir, "data", datadir.Journal))
	if err != nil {
		s.T.Fatal(err)
	}
	defer r.Close()
	for e, err := range r.Entries(s.T.Context()) {
		if err != nil {
			s.T.Fatal(err)
		}
		if e.Kind != journal.KindUnparsed {
			continue
		}
		var u journal.Unparsed
		if err := json.Unmarshal(e.Body, &u); err != nil {
			s.T.Fatal(err)
		}
		if u.Reason == "" || u.Link != "county" {
			s.T.Errorf("set aside: %+v", u)
		}
		n++
	}
	return n
}
