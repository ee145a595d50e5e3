package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// mosquitto is somebody else's broker, which forgets everything when it ends.
type mosquitto struct {
	t    *testing.T
	addr string
	conf string
	cmd  *exec.Cmd
}

func newMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{t: t, addr: l.Addr().String(), conf: filepath.Join(t.TempDir(), "mosquitto.conf")}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(m.addr)
	text := fmt.Sprintf("user root\nlistener %s 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n", port)
	if err := os.WriteFile(m.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) start() {
	m.t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto"
	}
	m.cmd = exec.Command(path, "-c", m.conf)
	if err := m.cmd.Start(); err != nil {
		m.t.Fatalf("cannot start mosquitto (apt-get install mosquitto): %v", err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", m.addr)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatal("mosquitto does not listen")
		}
	}
}

func (m *mosquitto) stop() {
	_ = m.cmd.Process.Kill() // as a power switch would
	_ = m.cmd.Wait()
}

// subscriber hears a broker's topics.
type subscriber struct {
	t     *testing.T
	heard chan paho.Message
	seen  []paho.Message
}

func (m *mosquitto) subscribe(topics ...string) *subscriber {
	m.t.Helper()
	s := &subscriber{t: m.t, heard: make(chan paho.Message, 10_000)}
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + m.addr).SetAutoReconnect(false).
		SetDefaultPublishHandler(func(_ paho.Client, msg paho.Message) { s.heard <- msg }))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		m.t.Fatal(tok.Error())
	}
	m.t.Cleanup(func() { c.Disconnect(0) })
	for _, topic := range topics {
		if tok := c.Subscribe(topic, 1, nil); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			m.t.Fatal(tok.Error())
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
		var u update
		return strings.HasPrefix(m.Topic(), "htgateway/incidents/") && json.Unmarshal(m.Payload(), &u) == nil &&
			u.Milestone != nil && u.Milestone.Milestone == milestone
	}
}

// TestOthersBrokerHearsEverythingOnce: a county's broker is told of milestones,
// units and the gateway's own state; it restarts without a store, the gateway is
// killed and comes back under another roster, and nobody hears a milestone twice.
func TestOthersBrokerHearsEverythingOnce(t *testing.T) {
	t.Parallel()
	const state, unit = "htgateway/gateway/state", "htgateway/units/damkar-1/state"
	broker := newMosquitto(t)
	s := newSite(t)
	s.configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, publish: true, topics: [\"htgateway/#\"]}\n", broker.addr))
	s.start()
	here := broker.subscribe("htgateway/#")
	here.await("that the gateway is up", says(state, `"up"`))
	s.reach()
	here.await("the order", reaches("dispatched"))
	s.press("12")
	here.await("the departure", reaches("en_route"))
	here.await("the unit's state", says(unit, `"en_route"`))

	// What happens while the broker is away is told when it is back, with what it
	// has forgotten.
	broker.stop()
	s.awaitLink("county", func(l linkView) bool { return l.State == "down" })
	s.press("13")
	s.awaitLink("publish:county", func(l linkView) bool { return l.State == "down" })
	broker.start()
	again := broker.subscribe("htgateway/#")
	again.await("the arrival", reaches("on_scene"))
	broker.subscribe(unit).await("the retained state of the unit", says(unit, `"on_scene"`))
	broker.subscribe(state).await("that the gateway is up again", says(state, `"up"`))
	s.awaitLink("publish:county", func(l linkView) bool { return l.State == "up" })

	s.kill()
	again.await("the last will", says(state, `"down"`))
	s.unit("{id: damkar-2, call_sign: DAMKAR 2, agency: Damkar, devices: [\"fleetsync:102-1002\"]}")
	s.start()
	again.await("that the gateway is up after the kill", says(state, `"up"`))
	s.press("16")
	again.await("the completion", reaches("completed"))
	const newcomer = "htgateway/units/damkar-2/state"
	broker.subscribe(newcomer).await("the new unit", says(newcomer, "DAMKAR 2"))
	if l := s.awaitLink("county", func(l linkView) bool { return l.State == "up" }); l.Errors != 0 {
		t.Errorf("what the gateway said itself came back as %d errors", l.Errors)
	}
	s.stop()
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
		t.Errorf("milestones were told %v times", times)
	}
}
