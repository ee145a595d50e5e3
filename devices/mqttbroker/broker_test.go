package mqttbroker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/devices/mqttbroker"
	"htgateway/devices/password"
)

// shelf is an intake that keeps messages, or refuses them while it is full.
type shelf struct {
	mu    sync.Mutex
	full  bool
	kept  []devices.Message
	taken chan devices.Message
}

func (s *shelf) Take(_ context.Context, m devices.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		s.full = false
		return errors.New("disk full")
	}
	s.kept = append(s.kept, m)
	s.taken <- m
	return nil
}

func serve(t *testing.T, s *shelf, users map[string]string) *mqttbroker.Broker {
	t.Helper()
	b, err := mqttbroker.New(mqttbroker.Options{
		Listen: "127.0.0.1:0", Users: users, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Inbound: func(topic string) bool { return topic != "owntracks/andi/other" },
	}, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return b
}

func connect(t *testing.T, b *mqttbroker.Broker, user, password string) (paho.Client, error) {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + b.Addr()).SetClientID("id-" + user).
		SetUsername(user).SetPassword(password).SetCleanSession(false).SetAutoReconnect(true).
		SetMaxReconnectInterval(50 * time.Millisecond).SetConnectRetry(false))
	token := c.Connect()
	if !token.WaitTimeout(10 * time.Second) {
		t.Fatal("no answer from the broker")
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c, token.Error()
}

func TestOnlyKnownUsersWithTheirPassword(t *testing.T) {
	t.Parallel()
	b := serve(t, &shelf{taken: make(chan devices.Message, 1)}, map[string]string{"andi": password.Hash([]byte("rahasia"))})
	if _, err := connect(t, b, "andi", "rahasia"); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"andi", "salah"}, {"budi", "rahasia"}, {"", ""}, {"#", "rahasia"}} {
		if _, err := connect(t, b, c[0], c[1]); err == nil {
			t.Errorf("%v was let in", c)
		}
	}
}

func TestDevicePublishesOnlyAsItself(t *testing.T) {
	t.Parallel()
	s := &shelf{taken: make(chan devices.Message, 10)}
	b := serve(t, s, map[string]string{"andi": password.Hash([]byte("rahasia"))})
	c, err := connect(t, b, "andi", "rahasia")
	if err != nil {
		t.Fatal(err)
	}
	c.Publish("owntracks/budi/phone", 0, false, "not mine")
	c.Publish("owntracks/andi/phone", 1, false, "mine")
	if m := <-s.taken; m.Topic != "owntracks/andi/phone" || string(m.Payload) != "mine" || m.Client != "id-andi" {
		t.Fatalf("%+v", m)
	}
}

func TestRefusedMessageComesAgainUnacknowledged(t *testing.T) {
	t.Parallel()
	s := &shelf{full: true, taken: make(chan devices.Message, 10)}
	b := serve(t, s, map[string]string{"andi": password.Hash([]byte("rahasia"))})
	c, err := connect(t, b, "andi", "rahasia")
	if err != nil {
		t.Fatal(err)
	}
	token := c.Publish("owntracks/andi/phone", 1, false, "arrived")
	select {
	case m := <-s.taken:
		if string(m.Payload) != "arrived" || !m.Redelivered {
			t.Fatalf("%+v", m)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the message never came again")
	}
	if !token.WaitTimeout(10 * time.Second) {
		t.Fatal("never acknowledged")
	}
	if got := b.Stats(); got.Withheld != 1 || got.Accepted != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestAnonymousOnlyOnLoopback(t *testing.T) {
	t.Parallel()
	_, err := mqttbroker.New(mqttbroker.Options{Listen: "0.0.0.0:0", AllowAnonymous: true, Log: slog.New(slog.DiscardHandler)}, nil)
	if err == nil {
		t.Fatal("anonymous devices on every interface")
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	const clients, each = 20, 100
	s := &shelf{taken: make(chan devices.Message, clients*each)}
	users := map[string]string{}
	hash := password.Hash([]byte("rahasia"))
	for i := range clients {
		users[fmt.Sprintf("u%d", i)] = hash
	}
	b := serve(t, s, users)
	var wg sync.WaitGroup
	for user := range users {
		c, err := connect(t, b, user, "rahasia")
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for i := range each {
				c.Publish("owntracks/"+user+"/phone", 1, false, fmt.Sprint(i)).Wait()
			}
		})
	}
	wg.Wait()
	if got := b.Stats().Accepted; got != clients*each {
		t.Fatalf("%d accepted", got)
	}
}
