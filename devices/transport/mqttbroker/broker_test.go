package mqttbroker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/devices/transport/mqttbroker"
)

// shelf is an intake that keeps messages, or refuses them while it is full.
type shelf struct {
	mu    sync.Mutex
	full  bool
	taken chan devices.Message
}

func newShelf() *shelf { return &shelf{taken: make(chan devices.Message, 10_000)} }

func (s *shelf) Take(_ context.Context, messages ...devices.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		s.full = false
		return errors.New("disk full")
	}
	for _, m := range messages {
		s.taken <- m
	}
	return nil
}

// next is the next message that was kept.
func (s *shelf) next(t *testing.T) devices.Message {
	t.Helper()
	select {
	case m := <-s.taken:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no message")
		return devices.Message{}
	}
}

const secret = "rahasia"

var secretHash = sync.OnceValue(func() string { return password.Hash([]byte(secret)) })

// people are devices by these names, and users by name:role.
func people(names ...string) map[string]account.User {
	users := map[string]account.User{}
	for _, n := range names {
		name, role, ok := strings.Cut(n, ":")
		if !ok {
			role = string(account.Device)
		}
		users[name] = account.User{Name: name, Hash: secretHash(), Role: account.Role(role)}
	}
	return users
}

func serve(t *testing.T, s *shelf, users map[string]account.User, change ...func(*mqttbroker.Options)) *mqttbroker.Broker {
	t.Helper()
	o := mqttbroker.Options{
		Listen: "127.0.0.1:0", Users: users, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Limits:  mqttbroker.Limits{Connections: 1000, DeviceConnections: 8, PerSecond: 1e6, Burst: 1e6},
		Inbound: func(topic string) bool { return true },
		Urgent:  func(m devices.Message) bool { return strings.Contains(string(m.Payload), "darurat") },
	}
	for _, c := range change {
		c(&o)
	}
	b, err := mqttbroker.New(o, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
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

// as are the options of a user's client on the listener without TLS.
func as(b *mqttbroker.Broker, user, password string) *paho.ClientOptions {
	return paho.NewClientOptions().AddBroker("tcp://" + b.Addr()).SetClientID("phone").
		SetProtocolVersion(4).SetUsername(user).SetPassword(password).SetCleanSession(false).SetAutoReconnect(true).
		SetMaxReconnectInterval(50 * time.Millisecond).SetConnectRetry(false)
}

func dial(t *testing.T, o *paho.ClientOptions) (paho.Client, error) {
	t.Helper()
	c := paho.NewClient(o)
	token := c.Connect()
	if !token.WaitTimeout(20 * time.Second) {
		t.Fatal("no answer from the broker")
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c, token.Error()
}

func connect(t *testing.T, b *mqttbroker.Broker, user string) paho.Client {
	t.Helper()
	c, err := dial(t, as(b, user, secret))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func publish(t *testing.T, c paho.Client, topic string, qos byte, payload string) {
	t.Helper()
	if token := c.Publish(topic, qos, false, payload); !token.WaitTimeout(20*time.Second) || token.Error() != nil {
		t.Fatalf("%s not acknowledged: %v", topic, token.Error())
	}
}

// account is what became of a user.
func accountOf(t *testing.T, b *mqttbroker.Broker, user string) mqttbroker.Account {
	t.Helper()
	for _, a := range b.Accounts() {
		if a.User == user {
			return a
		}
	}
	t.Fatalf("no account %q", user)
	return mqttbroker.Account{}
}

// eventually waits for something that another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestOnlyKnownUsersWithTheirPassword(t *testing.T) {
	t.Parallel()
	b := serve(t, newShelf(), people("andi"))
	connect(t, b, "andi")
	for _, c := range [][2]string{{"andi", "salah"}, {"budi", secret}, {"", ""}, {"#", secret}, {"+", secret}, {"a/b", secret}} {
		if _, err := dial(t, as(b, c[0], c[1])); err == nil {
			t.Errorf("%v was let in", c)
		}
	}
	if a := accountOf(t, b, "andi"); a.Refused != 1 || a.Connected != 1 || !strings.Contains(a.LastReason, "wrong password") {
		t.Errorf("%+v", a)
	}
}

// TestGuessingIsSlowedButNotForWhoIsKnown: whoever guesses at an account is not listened
// to any more, while others behind the same address come in, those too who never did.
func TestGuessingIsSlowedButNotForWhoIsKnown(t *testing.T) {
	t.Parallel()
	users := people("andi", "budi", "citra")
	users["budi"] = account.User{Name: "budi", Hash: password.Hash([]byte(secret)), Role: account.Device}
	b := serve(t, newShelf(), users)
	connect(t, b, "andi")
	for i := range 11 {
		if _, err := dial(t, as(b, "budi", fmt.Sprint("guess", i))); err == nil {
			t.Fatal("let in")
		}
	}
	if _, err := dial(t, as(b, "budi", secret).SetClientID("late")); err == nil {
		t.Error("an address that guesses was listened to")
	}
	if a := accountOf(t, b, "budi"); !strings.Contains(a.LastReason, "too many wrong passwords") {
		t.Errorf("%+v", a)
	}
	began := time.Now()
	for _, user := range []string{"andi", "citra"} {
		if _, err := dial(t, as(b, user, secret).SetClientID("again")); err != nil {
			t.Error(user, err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the right passwords waited for %v", took)
	}
}

func TestAnothersTopicIsSetAsideAndDoesNotComeAgain(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi", "budi"))
	c := connect(t, b, "andi")
	for qos := range byte(3) {
		publish(t, c, "owntracks/budi/phone", qos, "not mine")
		if m := s.next(t); m.Refused == "" || !strings.Contains(m.Refused, `user "andi"`) {
			t.Fatalf("QoS %d: %+v", qos, m)
		}
	}
	publish(t, c, "owntracks/andi/phone", 1, "mine")
	if m := s.next(t); m.Topic != "owntracks/andi/phone" || string(m.Payload) != "mine" || m.Client != "andi/phone" || m.Account != "andi" || m.Refused != "" {
		t.Fatalf("%+v", m)
	}
	if a, other := accountOf(t, b, "andi"), accountOf(t, b, "budi"); a.Refused != 3 || other.Refused != 0 {
		t.Fatalf("%+v %+v", a, other)
	}
}

func TestNobodyIsThrownOutByAnothersClientID(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi", "budi"))
	lost := make(chan error, 1)
	o := as(b, "andi", secret).SetConnectionLostHandler(func(_ paho.Client, err error) { lost <- err })
	andi, err := dial(t, o)
	if err != nil {
		t.Fatal(err)
	}
	budi := connect(t, b, "budi") // with the same client id
	publish(t, budi, "owntracks/budi/phone", 1, "budi")
	publish(t, andi, "owntracks/andi/phone", 1, "andi")
	select {
	case err := <-lost:
		t.Fatalf("andi was thrown out: %v", err)
	default:
	}
	if got := b.Stats().Connected; got != 2 {
		t.Fatalf("%d connected", got)
	}
}

func TestRefusedMessageComesAgainUnacknowledged(t *testing.T) {
	t.Parallel()
	for qos := byte(1); qos <= 2; qos++ {
		s := newShelf()
		s.full = true
		b := serve(t, s, people("andi"))
		c := connect(t, b, "andi")
		token := c.Publish("owntracks/andi/phone", qos, false, "arrived")
		if m := s.next(t); string(m.Payload) != "arrived" || !m.Redelivered {
			t.Fatalf("%+v", m)
		}
		if !token.WaitTimeout(20 * time.Second) {
			t.Fatal("never acknowledged")
		}
		eventually(t, "counted", func() bool { got := b.Stats(); return got.Withheld == 1 && got.Accepted == 1 })
	}
}

func TestAnonymousOnlyOnLoopback(t *testing.T) {
	t.Parallel()
	for _, o := range []mqttbroker.Options{
		{Listen: "0.0.0.0:0"}, {Listen: "127.0.0.1:0", TLSListen: "0.0.0.0:0"},
	} {
		o.AllowAnonymous, o.Log, o.Now = true, slog.New(slog.DiscardHandler), time.Now
		if _, err := mqttbroker.New(o, nil); err == nil {
			t.Errorf("anonymous devices on every interface: %+v", o)
		}
	}
	s := newShelf()
	b := serve(t, s, nil, func(o *mqttbroker.Options) { o.AllowAnonymous = true })
	c, err := dial(t, as(b, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	publish(t, c, "owntracks/andi/phone", 1, "anybody")
	if m := s.next(t); m.Account != "" || m.Refused != "" {
		t.Fatalf("%+v", m)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	const clients, each = 20, 100
	s := newShelf()
	var names []string
	for i := range clients {
		names = append(names, fmt.Sprintf("u%d", i))
	}
	b := serve(t, s, people(names...))
	var wg sync.WaitGroup
	for _, user := range names {
		c := connect(t, b, user)
		wg.Go(func() {
			var tokens []paho.Token
			for i := range each {
				tokens = append(tokens, c.Publish("owntracks/"+user+"/phone", byte(i%3), false, fmt.Sprint(i)))
			}
			for _, tok := range tokens {
				tok.Wait()
			}
		})
	}
	wg.Wait()
	eventually(t, "all accepted", func() bool { return b.Stats().Accepted == clients*each })
	next := map[string]int{}
	for range clients * each {
		m := s.next(t)
		if string(m.Payload) != fmt.Sprint(next[m.Account]) {
			t.Fatalf("%s: %s came where %d was next", m.Account, m.Payload, next[m.Account])
		}
		next[m.Account]++
	}
}
