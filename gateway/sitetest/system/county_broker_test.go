package system

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/gateway/sitetest"
)

// countyBroker gives the site a link to a Mosquitto of its own, over which it may send.
func countyBroker(s *sitetest.Site, phones ...string) *mosquittotest.Broker {
	s.T.Helper()
	b := mosquittotest.Start(s.T, phones...)
	if err := os.WriteFile(filepath.Join(s.Dir, "password"), []byte(mosquittotest.Password+"\n"), 0o600); err != nil {
		s.T.Fatal(err)
	}
	s.Configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, username: %s, password_file: password, topics: [\"owntracks/#\", \"msh/ID/2/json/+/+\"], transmit: true}\n",
		b.Addr, mosquittotest.Gateway))
	return b
}

// listenTo is a client of a broker that keeps its session and tells what comes on a topic.
func listenTo(s *sitetest.Site, b *mosquittotest.Broker, user, topic string) (paho.Client, chan string) {
	s.T.Helper()
	came := make(chan string, 100)
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + b.Addr).SetClientID(user + "-" + s.T.Name()).
		SetUsername(user).SetPassword(mosquittotest.Password).SetCleanSession(false).SetMaxReconnectInterval(time.Second).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { came <- string(m.Payload()) }))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.T.Fatal(tok.Error())
	}
	s.T.Cleanup(func() { c.Disconnect(0) })
	if tok := c.Subscribe(topic, 1, nil); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.T.Fatal(tok.Error())
	}
	return c, came
}

// TestWayBackOverTheCountysBroker sends to a phone and into a mesh over a real
// Mosquitto, and kills the gateway while a poll and then a region are under way: the
// poll is sent again and answered, the region is sent once.
func TestWayBackOverTheCountysBroker(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi")
	broker := countyBroker(s, "andi")
	s.Configure("meshtastic: {send_root: msh/ID, send_node: \"!7efeee00\"}\n")
	s.AddUnit("{id: relawan-1, call_sign: RELAWAN 1, agency: BPBD, devices: [\"meshtastic:!433c8aac\"]}")
	s.Start()
	up := func(l sitetest.Link) bool { return l.State == "up" }
	s.AwaitLink("county", up)
	events := s.Events("")
	phone, commands := listenTo(s, broker, "andi", "owntracks/andi/phone/cmd")
	_, mesh := listenTo(s, broker, mosquittotest.Gateway, "msh/ID/2/json/mqtt/")
	here := func(accuracy int) {
		t.Helper()
		s.Publish(phone, "owntracks/andi/phone", fmt.Sprintf(`{"_type":"location","lat":-6.8364,"lon":108.2274,"acc":%d,"tst":%s}`, accuracy, unixNow()))
	}
	here(8)
	s.Await(events, "the phone's fix", func(u sitetest.Update) bool { return u.Kind == "fix" && u.Unit == "andi" })

	var queued struct{ ID, Link string }
	s.Post("/units/relawan-1/messages", map[string]any{"text": "MOHON UPDATE"}, &queued)
	sitetest.Expect(t, mesh, "the text", `"to":1128041132,"channel":0,"type":"sendtext","payload":"MOHON UPDATE"`)
	awaitDelivery(s, events, queued.ID, "sent")

	var first, second struct{ ID, Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &first)
	s.Post("/incidents/"+first.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	sitetest.Expect(t, commands, "the region", `"desc":"`+first.Number+`"`)
	s.Post("/units/andi/messages", map[string]any{"poll": true}, &queued)
	if queued.Link != "county" {
		t.Errorf("polled over %q", queued.Link)
	}
	sitetest.Expect(t, commands, "the poll", "reportLocation")
	awaitDelivery(s, events, queued.ID, "sent")
	s.Kill()
	s.Start()
	if next := sitetest.Expect(t, commands, "the poll again", ""); !strings.Contains(next, "reportLocation") {
		t.Errorf("published %s after the restart", next)
	}
	events = s.Events("")
	here(9)
	awaitDelivery(s, events, queued.ID, "delivered")

	// The broker is away when the unit is sent on, and the gateway is killed before it
	// could tell the phone.
	broker.Stop()
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "down" })
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.80, "lon": 108.20}}, &second)
	s.Post("/incidents/"+second.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	s.Await(events, "that the region waits", func(u sitetest.Update) bool {
		return u.Kind == "delivery" && u.Delivery.State == "queued" && strings.HasPrefix(u.Text, "region ")
	})
	s.Kill()
	broker.Start()
	s.Start()
	// What the broker was sent while a connection broke comes twice (QoS 1), and does no harm.
	wanted := []string{`"desc":"` + first.Number + `","lat":-1000000`, `"desc":"` + second.Number + `","lat":-6.8,`}
	got := ""
	for left := len(wanted); left > 0; {
		next := sitetest.Expect(t, commands, "both", "")
		for _, want := range wanted {
			if strings.Contains(next, want) && !strings.Contains(got, want) {
				left--
			}
		}
		got += next
	}
	s.Stop()
	select {
	case more := <-commands:
		if !strings.Contains(got, more) {
			t.Errorf("published something else: %s", more)
		}
	default:
	}
}
