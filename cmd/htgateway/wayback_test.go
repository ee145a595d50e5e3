package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices/transport/mqttclient/mosquittotest"
)

// countyBroker gives the site a link to a Mosquitto of its own, over which it may send.
func (s *site) countyBroker(phones ...string) *mosquittotest.Broker {
	s.t.Helper()
	b := mosquittotest.Start(s.t, phones...)
	if err := os.WriteFile(filepath.Join(s.dir, "password"), []byte(mosquittotest.Password+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, username: %s, password_file: password, topics: [\"owntracks/#\", \"msh/ID/2/json/+/+\"], transmit: true}\n",
		b.Addr, mosquittotest.Gateway))
	return b
}

// listening is a client of a broker that keeps its session and tells what comes on a topic.
func (s *site) listening(b *mosquittotest.Broker, user, topic string) (paho.Client, chan string) {
	s.t.Helper()
	came := make(chan string, 100)
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + b.Addr).SetClientID(user + "-" + s.t.Name()).
		SetUsername(user).SetPassword(mosquittotest.Password).SetCleanSession(false).SetMaxReconnectInterval(time.Second).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { came <- string(m.Payload()) }))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.t.Fatal(tok.Error())
	}
	s.t.Cleanup(func() { c.Disconnect(0) })
	if tok := c.Subscribe(topic, 1, nil); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.t.Fatal(tok.Error())
	}
	return c, came
}

// TestWayBackOverTheCountysBroker sends to a phone and into a mesh over a real
// Mosquitto, and kills the gateway while a poll and then a region are under way: the
// poll is sent again and answered, the region is sent once.
func TestWayBackOverTheCountysBroker(t *testing.T) {
	t.Parallel()
	s := newSite(t, "andi")
	broker := s.countyBroker("andi")
	s.configure("meshtastic: {send_root: msh/ID, send_node: \"!7efeee00\"}\n")
	s.unit("{id: relawan-1, call_sign: RELAWAN 1, agency: BPBD, devices: [\"meshtastic:!433c8aac\"]}")
	s.start()
	up := func(l linkView) bool { return l.State == "up" }
	s.awaitLink("county", up)
	events := s.events("")
	phone, commands := s.listening(broker, "andi", "owntracks/andi/phone/cmd")
	_, mesh := s.listening(broker, mosquittotest.Gateway, "msh/ID/2/json/mqtt/")
	here := func(accuracy int) {
		t.Helper()
		s.publish(phone, "owntracks/andi/phone", fmt.Sprintf(`{"_type":"location","lat":-6.8364,"lon":108.2274,"acc":%d,"tst":%s}`, accuracy, unixNow()))
	}
	here(8)
	s.await(events, "the phone's fix", func(u update) bool { return u.Kind == "fix" && u.Unit == "andi" })

	var queued struct{ ID, Link string }
	s.post("/units/relawan-1/messages", map[string]any{"text": "MOHON UPDATE"}, &queued)
	expect(t, mesh, "the text", `"to":1128041132,"channel":0,"type":"sendtext","payload":"MOHON UPDATE"`)
	s.delivered(events, queued.ID, "sent")

	var first, second struct{ ID, Number string }
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &first)
	s.post("/incidents/"+first.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	expect(t, commands, "the region", `"desc":"`+first.Number+`"`)
	s.post("/units/andi/messages", map[string]any{"poll": true}, &queued)
	if queued.Link != "county" {
		t.Errorf("polled over %q", queued.Link)
	}
	expect(t, commands, "the poll", "reportLocation")
	s.delivered(events, queued.ID, "sent")
	s.kill()
	s.start()
	if next := expect(t, commands, "the poll again", ""); !strings.Contains(next, "reportLocation") {
		t.Errorf("told %s after the restart", next)
	}
	events = s.events("")
	here(9)
	s.delivered(events, queued.ID, "delivered")

	// The broker is away when the unit is sent on, and the gateway is killed before it
	// could tell the phone.
	broker.Stop()
	s.awaitLink("county", func(l linkView) bool { return l.State == "down" })
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.80, "lon": 108.20}}, &second)
	s.post("/incidents/"+second.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	s.await(events, "that the region waits", func(u update) bool {
		return u.Kind == "delivery" && u.Delivery.State == "queued" && strings.HasPrefix(u.Text, "region ")
	})
	s.kill()
	broker.Start()
	s.start()
	// What the broker was sent while a connection broke comes twice (QoS 1), and does no harm.
	wanted := []string{`"desc":"` + first.Number + `","lat":-1000000`, `"desc":"` + second.Number + `","lat":-6.8,`}
	got := ""
	for left := len(wanted); left > 0; {
		next := expect(t, commands, "both", "")
		for _, want := range wanted {
			if strings.Contains(next, want) && !strings.Contains(got, want) {
				left--
			}
		}
		got += next
	}
	s.stop()
	select {
	case more := <-commands:
		if !strings.Contains(got, more) {
			t.Errorf("told something else: %s", more)
		}
	default:
	}
}
