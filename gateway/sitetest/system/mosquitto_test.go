package system

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/gateway/sitetest"
)

// subscriber hears a broker's topics.
type subscriber struct {
	t     *testing.T
	heard chan paho.Message
	seen  []paho.Message
}

func subscribe(t *testing.T, addr string, topics ...string) *subscriber {
	t.Helper()
	s := &subscriber{t: t, heard: make(chan paho.Message, 10_000)}
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr).SetAutoReconnect(false).
		SetDefaultPublishHandler(func(_ paho.Client, msg paho.Message) { s.heard <- msg }))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	t.Cleanup(func() { c.Disconnect(0) })
	for _, topic := range topics {
		if tok := c.Subscribe(topic, 1, nil); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatal(tok.Error())
		}
	}
	return s
}

// await returns the first message that fits.
func (s *subscriber) await(what string, fits func(paho.Message) bool) paho.Message {
	s.t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		select {
		case m := <-s.heard:
			s.seen = append(s.seen, m)
			if fits(m) {
				return m
			}
		case <-deadline:
			s.t.Fatalf("never heard %s, only %d other messages", what, len(s.seen))
		}
	}
}

func says(topic, text string) func(paho.Message) bool {
	return func(m paho.Message) bool { return m.Topic() == topic && strings.Contains(string(m.Payload()), text) }
}

func reaches(milestone string) func(paho.Message) bool {
	return func(m paho.Message) bool {
		var u sitetest.Update
		return strings.HasPrefix(m.Topic(), "htgateway/incidents/") && json.Unmarshal(m.Payload(), &u) == nil &&
			u.Milestone != nil && u.Milestone.Milestone == milestone
	}
}

// TestOthersBrokerHearsEverythingOnce: a county's broker gets milestones,
// units and the gateway's own state; it restarts without a store, the gateway is
// killed and comes back under another roster, and nobody hears a milestone twice.
func TestOthersBrokerHearsEverythingOnce(t *testing.T) {
	t.Parallel()
	const state, unit = "htgateway/gateway/state", "htgateway/units/damkar-1/state"
	broker := mosquittotest.StartWith(t, mosquittotest.Options{Anonymous: true, Volatile: true})
	s := sitetest.New(t)
	s.Configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, publish: true, topics: [\"htgateway/#\"]}\n", broker.Addr))
	s.Start()
	here := subscribe(t, broker.Addr, "htgateway/#")
	here.await("that the gateway is up", says(state, `"up"`))
	s.OpenIncident()
	here.await("the order", reaches("dispatched"))
	s.Press("12")
	here.await("the departure", reaches("en_route"))
	here.await("the unit's state", says(unit, `"en_route"`))

	// What happens while the broker is away is published when it is back, with what it
	// has forgotten.
	broker.Kill()
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "down" })
	s.Press("13")
	s.AwaitLink("publish:county", func(l sitetest.Link) bool { return l.State == "down" })
	broker.Start()
	again := subscribe(t, broker.Addr, "htgateway/#")
	again.await("the arrival", reaches("on_scene"))
	subscribe(t, broker.Addr, unit).await("the retained state of the unit", says(unit, `"on_scene"`))
	subscribe(t, broker.Addr, state).await("that the gateway is up again", says(state, `"up"`))
	s.AwaitLink("publish:county", func(l sitetest.Link) bool { return l.State == "up" })

	s.Kill()
	again.await("the last will", says(state, `"down"`))
	s.AddUnit("{id: damkar-2, call_sign: DAMKAR 2, agency: Damkar, devices: [\"fleetsync:102-1002\"]}")
	s.Start()
	again.await("that the gateway is up after the kill", says(state, `"up"`))
	s.Press("16")
	again.await("the completion", reaches("completed"))
	const newcomer = "htgateway/units/damkar-2/state"
	subscribe(t, broker.Addr, newcomer).await("the new unit", says(newcomer, "DAMKAR 2"))
	if l := s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "up" }); l.Errors != 0 {
		t.Errorf("what the gateway said itself came back as %d errors", l.Errors)
	}
	s.Stop()
	again.await("the farewell", says(state, `"down"`))
	times := map[string]int{}
	for _, m := range append(here.seen, again.seen...) {
		for _, name := range []string{"dispatched", "en_route", "on_scene", "completed"} {
			if reaches(name)(m) {
				times[name]++
			}
		}
	}
	if len(times) != 4 || times["dispatched"] != 1 || times["en_route"] != 1 || times["on_scene"] != 1 || times["completed"] != 1 {
		t.Errorf("milestones were published %v times", times)
	}
}
