package mqttclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/mqttclient"
	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/devices/transport/reconnect"
)

// shelf is an intake that refuses a number of messages before it takes one.
type shelf struct {
	refusals atomic.Int64
	taken    chan devices.Message
}

func (s *shelf) Take(_ context.Context, messages ...devices.Message) error {
	if s.refusals.Add(-1) >= 0 {
		return errors.New("disk full")
	}
	for _, m := range messages {
		s.taken <- m
	}
	return nil
}

func connect(t *testing.T, broker string, s *shelf, change ...func(*mqttclient.Settings)) (*mqttclient.Client, chan reconnect.State) {
	t.Helper()
	states := make(chan reconnect.State, 100)
	settings := mqttclient.Settings{
		ID: "county", Broker: "tcp://" + broker, ClientID: "htgateway-test", Username: "gateway", Password: mosquittotest.Password, Topics: []string{"owntracks/#"},
	}
	for _, f := range change {
		f(&settings)
	}
	c := mqttclient.New(settings, s, time.Now, slog.New(slog.DiscardHandler), func(s reconnect.State) { states <- s })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return c, states
}

func await(t *testing.T, states chan reconnect.State, name string) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		select {
		case s := <-states:
			if s.Name == name {
				return
			}
		case <-deadline:
			t.Fatalf("never %s", name)
		}
	}
}

func take(t *testing.T, s *shelf) devices.Message {
	t.Helper()
	select {
	case m := <-s.taken:
		return m
	case <-time.After(40 * time.Second):
		t.Fatal("no message")
		return devices.Message{}
	}
}

func TestMessagesAreTriedUntilTheJournalTakesThem(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	s := &shelf{taken: make(chan devices.Message, 10)}
	s.refusals.Store(1)
	_, states := connect(t, broker.Addr, s)
	await(t, states, "up")
	broker.Publish("owntracks/andi/phone", "one")
	broker.Publish("owntracks/andi/phone", "two")
	if a, b := take(t, s), take(t, s); string(a.Payload) != "one" || string(b.Payload) != "two" {
		t.Fatalf("%q then %q", a.Payload, b.Payload)
	}
}

func TestRetainedMessageIsMarked(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	broker.Publish("owntracks/andi/phone", "old", "-r")
	s := &shelf{taken: make(chan devices.Message, 10)}
	connect(t, broker.Addr, s)
	if m := take(t, s); !m.Retained {
		t.Fatalf("%+v", m)
	}
}

func TestBrokerRestartLosesNothingThatItKept(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	s := &shelf{taken: make(chan devices.Message, 10)}
	c, states := connect(t, broker.Addr, s)
	await(t, states, "up")
	broker.Stop()
	await(t, states, "down")
	if err := c.Publish(t.Context(), "x", nil, false); !errors.Is(err, mqttclient.ErrNotConnected) {
		t.Fatalf("publish while down: %v", err)
	}
	broker.Start()
	broker.Publish("owntracks/andi/phone", "queued for the session")
	if m := take(t, s); string(m.Payload) != "queued for the session" {
		t.Fatalf("%+v", m)
	}
}

// TestBrokerThatForgotEverythingIsSubscribedToAgain: a restart without the store
// takes the session with it.
func TestBrokerThatForgotEverythingIsSubscribedToAgain(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	s := &shelf{taken: make(chan devices.Message, 10)}
	_, states := connect(t, broker.Addr, s)
	await(t, states, "up")
	broker.Stop()
	await(t, states, "down")
	broker.Forget()
	broker.Start()
	await(t, states, "up")
	broker.Publish("owntracks/andi/phone", "heard again")
	if m := take(t, s); string(m.Payload) != "heard again" {
		t.Fatalf("%+v", m)
	}
}

// TestOwnCAAndClientCertificate connects to a broker that asks for a certificate,
// a password and keeps an access list; without the certificate it says why not.
func TestOwnCAAndClientCertificate(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.StartWith(t, mosquittotest.Options{TLS: true})
	pem, err := os.ReadFile(broker.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(broker.CertFile, broker.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	with := func(id string, c *tls.Config) func(*mqttclient.Settings) {
		return func(s *mqttclient.Settings) {
			s.ClientID, s.Broker, s.TLS = id, "ssl://"+broker.Addr, c
		}
	}
	s := &shelf{taken: make(chan devices.Message, 10)}
	_, states := connect(t, broker.Addr, s, with("right", &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}))
	await(t, states, "up")
	broker.Publish("owntracks/andi/phone", "over TLS")
	if m := take(t, s); string(m.Payload) != "over TLS" {
		t.Fatalf("%+v", m)
	}
	another := mosquittotest.StartWith(t, mosquittotest.Options{TLS: true})
	foreign, err := tls.LoadX509KeyPair(another.CertFile, another.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	// Mosquitto ends the connection so soon that its reason does not always arrive.
	for id, c := range map[string]struct {
		config *tls.Config
		why    string
	}{
		"no certificate":        {&tls.Config{RootCAs: roots}, "refuse"},
		"another's certificate": {&tls.Config{RootCAs: roots, Certificates: []tls.Certificate{foreign}}, "refuse"},
		"strange broker":        {&tls.Config{Certificates: []tls.Certificate{pair}}, "unknown authority"},
	} {
		_, states := connect(t, broker.Addr, s, with(id, c.config))
		select {
		case st := <-states:
			if st.Name == "up" || !strings.Contains(st.Why, c.why) {
				t.Fatalf("%s: %+v", id, st)
			}
		case <-time.After(40 * time.Second):
			t.Fatalf("%s: the session says nothing", id)
		}
	}
}
