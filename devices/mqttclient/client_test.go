package mqttclient_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/mqttclient"
	"htgateway/devices/mqttclient/mosquittotest"
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

func connect(t *testing.T, broker string, s *shelf) (*mqttclient.Client, chan mqttclient.State) {
	t.Helper()
	states := make(chan mqttclient.State, 100)
	c := mqttclient.New(mqttclient.Settings{
		ID: "county", Broker: "tcp://" + broker, ClientID: "htgateway-test", Username: mosquittotest.Gateway, Password: mosquittotest.Password, Topics: []string{"owntracks/#"},
	}, s, time.Now, slog.New(slog.DiscardHandler), func(s mqttclient.State) { states <- s })
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

func await(t *testing.T, states chan mqttclient.State, name string) {
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
