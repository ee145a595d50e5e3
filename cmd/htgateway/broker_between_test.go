package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang/packets"

	"htgateway/devices/mqttclient/mosquittotest"
)

// TestKillOfABrokerBetween: twenty devices send ten thousand QoS 1 messages to a
// Mosquitto between them and the gateway, and either is killed. Whatever the gateway
// acknowledged to Mosquitto, as a tap on their connection tells, is in the journal
// exactly once.
//
// More cannot be promised: Mosquitto acknowledges to a device before its store is on
// disk, and writes that each autosave_interval (a second here) and when it is stopped.
// A kill loses what came since, and brings again, some of it as if for the first time,
// what the gateway acknowledged meanwhile: only a device's own time or number then
// tells that it is no second report, so these devices give one.
func TestKillOfABrokerBetween(t *testing.T) {
	t.Parallel()
	const phones, each, all = 20, 500, 10_000
	names := deviceNames(phones)
	broker := mosquittotest.Start(t, names...)
	tap := newTap(t, broker.Addr)
	s := newSite(t, names...)
	s.configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, username: gateway, password_file: broker-password, topics: [\"htgateway/devices/+/report\"]}\n",
		tap.addr))
	if err := os.WriteFile(filepath.Join(s.dir, "broker-password"), []byte(mosquittotest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	st := newStream(t, broker.Addr, names, each, 1)
	tap.ledger.await(t, all/6)
	broker.Kill()
	broker.Start()
	tap.ledger.await(t, all/4)
	s.kill()
	s.start()
	tap.ledger.await(t, all/3)
	broker.Kill()
	broker.Start()
	st.awaitAcknowledged(all)
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	// The last word comes after all that Mosquitto still holds for the session.
	broker.Publish("htgateway/devices/psc0/report", `{"text":"the last word","seq":1000000}`)
	tap.ledger.until(t, "the last word", func() bool { return tap.ledger.by["the last word"] })
	s.kill()
	stored := storedTexts(t, s)
	holdAgainst(t, "journal", tap.ledger.by, stored)
	t.Logf("Mosquitto acknowledged %d, of which %d never came to the gateway", len(st.ledger.by), all-len(stored)+1)
}

// TestPoisonOverTLS: a broker that asks for a client certificate, with a CA of its own,
// as htgateway.yaml names them. What cannot be read is set aside with the reason and
// does not hold up what comes after it.
func TestPoisonOverTLS(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.StartWith(t, mosquittotest.Options{Users: []string{"psc0"}, TLS: true})
	s := newSite(t, "psc0")
	s.configure(fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"ssl://%s\", client_id: htgateway, username: gateway, password_file: broker-password, ca_file: %s, cert_file: %s, key_file: %s, topics: [\"htgateway/devices/+/report\"]}\n",
		broker.Addr, broker.CAFile, broker.CertFile, broker.KeyFile))
	if err := os.WriteFile(filepath.Join(s.dir, "broker-password"), []byte(mosquittotest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.awaitLink("county", func(l linkView) bool { return l.State == "up" })
	poison := []string{`{"text":`, `[[[[`, "\xff\xfe", `{"lat":1e999}`, ``}
	for i, p := range poison {
		broker.Publish("htgateway/devices/psc0/report", p)
		broker.Publish("htgateway/devices/psc0/report", fmt.Sprintf(`{"text":"after %d"}`, i))
	}
	s.awaitLink("county", func(l linkView) bool { return l.Frames == uint64(2*len(poison)) && l.Errors == uint64(len(poison)) })
	s.stop()
	stored := storedTexts(t, s)
	for i := range poison {
		if text := fmt.Sprintf("after %d", i); stored[text] != 1 {
			t.Errorf("%q is in the journal %d times", text, stored[text])
		}
	}
	if strings.Contains(s.log.String(), mosquittotest.Password) {
		t.Error("the broker's password is in the log")
	}
}

// tap stands between gateway and broker, and books what the gateway acknowledges before
// the broker hears of it.
type tap struct {
	addr   string
	ledger *ledger
}

func newTap(t *testing.T, broker string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &tap{addr: l.Addr().String(), ledger: newLedger()}
	go func() {
		for {
			gateway, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(gateway, broker)
		}
	}()
	return p
}

// carry is one connection's life.
func (p *tap) carry(gateway net.Conn, broker string) {
	defer gateway.Close()
	far, err := net.Dial("tcp", broker)
	if err != nil {
		return
	}
	defer far.Close()
	var mu sync.Mutex
	unacknowledged := map[uint16]string{}
	go func() {
		defer gateway.Close()
		forward(far, gateway, func(cp mqtt.ControlPacket) {
			if m, ok := cp.(*mqtt.PublishPacket); ok {
				var said struct {
					Text string `json:"text"`
				}
				if json.Unmarshal(m.Payload, &said) == nil {
					mu.Lock()
					unacknowledged[m.MessageID] = said.Text
					mu.Unlock()
				}
			}
		})
	}()
	forward(gateway, far, func(cp mqtt.ControlPacket) {
		if a, ok := cp.(*mqtt.PubackPacket); ok {
			mu.Lock()
			p.ledger.add(unacknowledged[a.MessageID])
			mu.Unlock()
		}
	})
}

// forward passes packets on until either side ends, and shows each before.
func forward(from io.Reader, to io.Writer, see func(mqtt.ControlPacket)) {
	for {
		cp, err := mqtt.ReadPacket(from)
		if err != nil {
			return
		}
		see(cp)
		if cp.Write(to) != nil {
			return
		}
	}
}
