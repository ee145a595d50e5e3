package mqttbroker_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices/transport/mqttbroker"
)

func TestOversizePayloadIsSetAside(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi"))
	c := connect(t, b, "andi")
	publish(t, c, "owntracks/andi/phone", 1, strings.Repeat("x", mqttbroker.MaxPayload+1))
	if m := s.next(t); !strings.Contains(m.Refused, "over 65536") {
		t.Fatalf("%q", m.Refused)
	}
	publish(t, c, "owntracks/andi/phone", 1, strings.Repeat("x", mqttbroker.MaxPayload))
	if m := s.next(t); m.Refused != "" {
		t.Fatalf("%q", m.Refused)
	}
	c.Publish("owntracks/andi/phone", 0, false, strings.Repeat("x", 2<<20))
	eventually(t, "the packet is counted", func() bool {
		return strings.Contains(accountOf(t, b, "andi").LastReason, "a packet over")
	})
}

// TestBeyondItsRateADeviceWaitsButItsEmergencyDoesNot floods with acknowledged
// positions: none is lost, and the emergency that comes last is on disk before them.
func TestBeyondItsRateADeviceWaitsButItsEmergencyDoesNot(t *testing.T) {
	t.Parallel()
	const burst, flood = 5, 40
	s := newShelf()
	b := serve(t, s, people("andi", "budi"), func(o *mqttbroker.Options) { o.Limits.PerSecond, o.Limits.Burst = 20, burst })
	c := connect(t, b, "andi")
	var tokens []paho.Token
	for i := range flood {
		tokens = append(tokens, c.Publish("owntracks/andi/phone", 1, false, fmt.Sprint(i)))
	}
	tokens = append(tokens, c.Publish("owntracks/andi/phone", 1, false, "darurat"))
	other := connect(t, b, "budi")
	publish(t, other, "owntracks/budi/phone", 1, "budi")
	before, seen := -1, map[string]int{}
	for i := range flood + 2 {
		m := s.next(t)
		seen[string(m.Payload)]++
		if string(m.Payload) == "darurat" {
			before = i
		}
	}
	if len(seen) != flood+2 {
		t.Fatalf("%d of %d different messages", len(seen), flood+2)
	}
	if before >= flood {
		t.Fatalf("the emergency came last, behind %d positions", before)
	}
	for _, tok := range tokens {
		if !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
			t.Fatal("not acknowledged")
		}
	}
	if a := accountOf(t, b, "andi"); a.Slowed == 0 || !strings.Contains(a.LastReason, "more than 20 messages a second") {
		t.Fatalf("%+v", a)
	}
	if a := accountOf(t, b, "budi"); a.Slowed != 0 || a.Accepted != 1 {
		t.Fatalf("%+v", a)
	}
}

// TestUnacknowledgedFloodIsMarked: what nobody waits for is not held back but marked
// as too much, and intake gives up the positions among it.
func TestUnacknowledgedFloodIsMarked(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newShelf()
	b := serve(t, s, people("andi"), func(o *mqttbroker.Options) {
		o.Limits.PerSecond, o.Limits.Burst = 1, 10
		o.Now = func() time.Time { return now } // stands still: no refill
	})
	c := connect(t, b, "andi")
	for i := range 30 {
		publish(t, c, "owntracks/andi/phone", 0, fmt.Sprint(i))
	}
	for i := range 30 {
		if m := s.next(t); m.Excess != (i >= 10) {
			t.Fatalf("message %d: excess %v", i, m.Excess)
		}
	}
	if a := accountOf(t, b, "andi"); a.Excess != 20 {
		t.Fatalf("%+v", a)
	}
}

func TestOneDeviceCannotTakeAllConnections(t *testing.T) {
	t.Parallel()
	b := serve(t, newShelf(), people("andi", "budi"), func(o *mqttbroker.Options) { o.Limits.DeviceConnections = 2 })
	for i := range 2 {
		if _, err := dial(t, as(b, "andi", secret).SetClientID(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := dial(t, as(b, "andi", secret).SetClientID("third")); err == nil {
		t.Error("a third connection")
	}
	connect(t, b, "budi")
	if a := accountOf(t, b, "andi"); a.Refused != 1 || !strings.Contains(a.LastReason, "2 connections already") {
		t.Errorf("%+v", a)
	}
}

func TestNoMoreConnectionsThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi"), func(o *mqttbroker.Options) { o.Limits.Connections = 2 })
	silent, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	connect(t, b, "andi")
	if _, err := dial(t, as(b, "andi", secret).SetClientID("third")); err == nil {
		t.Fatal("a third connection")
	}
	if got := b.Stats().Full; got == 0 {
		t.Fatal("not counted")
	}
	if err := silent.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a place is free again", func() bool {
		_, err := dial(t, as(b, "andi", secret).SetClientID("third"))
		return err == nil
	})
}

func TestLastWillMarksADeviceOffline(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi", "budi"))
	if _, err := dial(t, as(b, "andi", secret).SetWill("owntracks/budi/phone", "{}", 1, true)); err == nil {
		t.Fatal("a last will in another's name was taken")
	}
	// The connection, so that it can be cut as a dead zone cuts it.
	cut := make(chan net.Conn, 2)
	with := func() *paho.ClientOptions {
		return as(b, "andi", secret).SetAutoReconnect(false).SetWill("owntracks/andi/phone", `{"_type":"lwt"}`, 1, true).
			SetCustomOpenConnectionFn(openTo(b.Addr(), cut))
	}
	if _, err := dial(t, with()); err != nil {
		t.Fatal(err)
	}
	if err := (<-cut).Close(); err != nil {
		t.Fatal(err)
	}
	if m := s.next(t); !m.Will || m.Topic != "owntracks/andi/phone" || m.Account != "andi" {
		t.Fatalf("%+v", m)
	}
	if !accountOf(t, b, "andi").Offline {
		t.Error("not offline")
	}
	// A device that comes back over a new connection is not gone.
	for range 2 {
		if _, err := dial(t, with()); err != nil {
			t.Fatal(err)
		}
	}
	again := connect(t, b, "andi")
	publish(t, again, "owntracks/andi/phone", 1, "here")
	if m := s.next(t); m.Will || string(m.Payload) != "here" || accountOf(t, b, "andi").Offline {
		t.Fatalf("%+v", m)
	}
	if got := b.Stats().Wills; got != 1 {
		t.Errorf("%d wills", got)
	}
}

func TestNothingOfADeviceIsRetained(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi", "layar:reader", "nanti:reader"))
	hears := func(name string) <-chan paho.Message {
		heard := make(chan paho.Message, 10)
		if tok := connect(t, b, name).Subscribe("owntracks/#", 1, func(_ paho.Client, m paho.Message) { heard <- m }); !tok.WaitTimeout(20 * time.Second) {
			t.Fatal("no subscription")
		}
		return heard
	}
	next := func(heard <-chan paho.Message, want string) {
		t.Helper()
		select {
		case m := <-heard:
			if string(m.Payload()) != want || m.Retained() {
				t.Fatalf("%q retained %v", m.Payload(), m.Retained())
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing")
		}
	}
	c, there := connect(t, b, "andi"), hears("layar")
	if tok := c.Publish("owntracks/andi/phone", 1, true, "old"); !tok.WaitTimeout(20 * time.Second) {
		t.Fatal("not acknowledged")
	}
	if m := s.next(t); m.Retained {
		t.Fatalf("%+v", m)
	}
	next(there, "old") // acknowledged is not passed on yet
	later := hears("nanti")
	publish(t, c, "owntracks/andi/phone", 1, "new")
	next(later, "new")
}

func TestUsersChangeWithoutDroppingTheOthers(t *testing.T) {
	t.Parallel()
	s := newShelf()
	b := serve(t, s, people("andi", "budi"))
	lost := make(chan string, 10)
	clients := map[string]paho.Client{}
	for _, user := range []string{"andi", "budi"} {
		c, err := dial(t, as(b, user, secret).SetAutoReconnect(false).SetConnectionLostHandler(func(paho.Client, error) { lost <- user }))
		if err != nil {
			t.Fatal(err)
		}
		clients[user] = c
	}
	b.SetUsers(people("andi", "citra"))
	select {
	case user := <-lost:
		if user != "budi" {
			t.Fatalf("%s was thrown out", user)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("budi is still in")
	}
	publish(t, clients["andi"], "owntracks/andi/phone", 1, "still here")
	connect(t, b, "citra")
	if _, err := dial(t, as(b, "budi", secret)); err == nil {
		t.Error("budi came in again")
	}
	if m := s.next(t); m.Account != "andi" || len(b.Accounts()) != 2 {
		t.Errorf("%+v %+v", m, b.Accounts())
	}
}

// TestWhatIsAskedForIsPublishedBeforeItIsRead: what the gateway publishes only when somebody may
// read it is there when a subscriber is given what is retained, once; who may not read
// it makes nothing be published.
func TestWhatIsAskedForIsPublishedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	const topic = "htgateway/units/damkar-1/state"
	var b *mqttbroker.Broker
	asked, serving := make(chan string, 100), make(chan struct{})
	published := false
	b = serve(t, newShelf(), people("andi", "layar:reader"), func(o *mqttbroker.Options) {
		o.Asked = func(filter string) {
			<-serving
			if asked <- filter; !published && !b.Reads(topic) {
				published = true
				if err := b.Publish(topic, []byte("parked"), true); err != nil {
					t.Error(err)
				}
			}
		}
	})
	close(serving)
	phone := connect(t, b, "andi")
	phone.Subscribe("htgateway/units/+/state", 1, nil).WaitTimeout(20 * time.Second)
	if published || len(asked) > 0 || b.Reads(topic) {
		t.Fatalf("published for a device, which may not read it: %d", len(asked))
	}
	heard := make(chan paho.Message, 100)
	screen := connect(t, b, "layar")
	if tok := screen.Subscribe("htgateway/units/+/state", 1, func(_ paho.Client, m paho.Message) { heard <- m }); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	// The subscription is acknowledged before what is retained is on its way, so that
	// the next one is published only when that was heard.
	for _, want := range []string{"parked", "moving"} {
		if want == "moving" {
			if err := b.Publish(topic, []byte(want), true); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case m := <-heard:
			if string(m.Payload()) != want {
				t.Fatalf("heard %q, want %q", m.Payload(), want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("never heard %q", want)
		}
	}
	if !b.Reads(topic) || b.Reads("htgateway/units/damkar-1") {
		t.Error("who reads what is not known")
	}
}
