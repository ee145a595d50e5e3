// Package mqttclient is the life of a session with somebody else's MQTT broker:
// connect, subscribe, hand over, acknowledge, reconnect. It carries messages and
// knows nothing of what they say.
package mqttclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
)

// Settings of a session, as configured.
type Settings struct {
	// ID names the link in logs and in the API.
	ID string
	// Broker is a URL: tcp://, ssl:// or ws://.
	Broker string
	// ClientID is fixed, so that the broker keeps the session for it; two
	// sessions with one id throw each other out.
	ClientID           string
	Username, Password string
	TLS                *tls.Config
	// Topics to subscribe to, all with QoS 1.
	Topics []string
	// Says, when not nil, is said on this session; its Down is the last will.
	Says *devices.SessionState
}

// Intake takes messages. Take returns nil only once all of them are on disk, as
// reports or set aside with the reason.
type Intake interface {
	Take(ctx context.Context, messages ...devices.Message) error
}

// State of a session.
type State struct {
	// Name is "up" or "down".
	Name  string
	Since time.Time
	Why   string
}

// waiting bounds the messages that wait for the journal. The broker holds the
// rest: it sends no more than its in-flight window without acknowledgements.
const waiting = 1024

// retryTake is the pause before a message that the journal would not take is
// tried again.
const retryTake = time.Second

// Client is one session. Its methods are safe for concurrent use.
type Client struct {
	settings Settings
	intake   Intake
	now      func() time.Time
	log      *slog.Logger
	notify   func(State)
	client   paho.Client
	queue    chan paho.Message

	mu    sync.Mutex
	state State
}

// New prepares a session; nothing connects before [Client.Run]. notify, when not
// nil, is told of every change of state.
func New(s Settings, intake Intake, now func() time.Time, log *slog.Logger, notify func(State)) *Client {
	if notify == nil {
		notify = func(State) {}
	}
	c := &Client{
		settings: s, intake: intake, now: now, log: log.With("link", s.ID), notify: notify,
		queue: make(chan paho.Message, waiting),
		state: State{Name: "down", Since: now().UTC(), Why: "not connected yet"},
	}
	o := paho.NewClientOptions().AddBroker(s.Broker).SetClientID(s.ClientID).
		SetUsername(s.Username).SetPassword(s.Password).
		SetCleanSession(false).SetAutoAckDisabled(true).SetOrderMatters(true).SetResumeSubs(true).
		SetAutoReconnect(true).SetConnectRetry(true).SetConnectRetryInterval(2 * time.Second).SetMaxReconnectInterval(30 * time.Second).
		SetDefaultPublishHandler(c.receive).
		SetOnConnectHandler(func(pc paho.Client) { go c.begin(pc) }).
		SetConnectionLostHandler(func(_ paho.Client, err error) { c.set("down", "connection lost: "+err.Error()) })
	if s.Says != nil {
		o.SetBinaryWill(s.Says.Topic, s.Says.Down, 1, true)
	}
	if s.TLS != nil {
		o.SetTLSConfig(s.TLS)
	}
	c.client = paho.NewClient(o)
	return c
}

// State returns the session's state now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Run keeps the session until ctx ends. A broker that is missing at the start is
// tried for as long as it takes.
func (c *Client) Run(ctx context.Context) error {
	token := c.client.Connect()
	go func() {
		if token.Wait() && token.Error() != nil {
			c.set("down", "cannot connect to "+c.settings.Broker+": "+token.Error().Error())
		}
	}()
	defer c.leave()
	for {
		select {
		case m := <-c.queue:
			c.handOver(ctx, m)
		case <-ctx.Done():
			return nil
		}
	}
}

// sayWithin is how long a session waits for the broker to have its last word.
const sayWithin = time.Second

// leave ends the session. A broker that is told so does not say the last will, so
// the session says it itself.
func (c *Client) leave() {
	if p := c.settings.Says; p != nil && c.client.IsConnectionOpen() {
		c.client.Publish(p.Topic, 1, true, p.Down).WaitTimeout(sayWithin)
	}
	c.client.Disconnect(250)
}

// receive puts a message in the queue. It runs in paho's reading goroutine, which
// must not wait for the disk; when the queue is full it waits, and the broker's
// in-flight window is the bound.
func (c *Client) receive(_ paho.Client, m paho.Message) { c.queue <- m }

// handOver acknowledges a message once the journal has it. One that the journal
// will not take is tried again: the broker would not send it again before a
// reconnect.
func (c *Client) handOver(ctx context.Context, m paho.Message) {
	message := devices.Message{
		Topic: m.Topic(), Payload: m.Payload(), Retained: m.Retained(), Redelivered: m.Duplicate(),
		Client: c.settings.ID, PacketID: m.MessageID(), ReceivedAt: c.now().UTC(),
	}
	for {
		err := c.intake.Take(ctx, message)
		if err == nil {
			m.Ack()
			return
		}
		if ctx.Err() != nil {
			return
		}
		c.log.Error("MQTT message not acknowledged", "topic", m.Topic(), "reason", err)
		t := time.NewTimer(retryTake)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// begin says that the session is there and asks for the topics, at every connect: a
// broker that restarted without its store has forgotten both, and one that missed
// the gateway has said its last will.
func (c *Client) begin(pc paho.Client) {
	if p := c.settings.Says; p != nil {
		pc.Publish(p.Topic, 1, true, p.Up)
	}
	if len(c.settings.Topics) == 0 {
		c.set("up", "")
		return
	}
	filters := make(map[string]byte, len(c.settings.Topics))
	for _, t := range c.settings.Topics {
		filters[t] = 1
	}
	for pc.IsConnected() {
		token := pc.SubscribeMultiple(filters, nil)
		if token.WaitTimeout(10*time.Second) && token.Error() == nil {
			c.set("up", "")
			return
		}
		c.set("down", fmt.Sprintf("connected, but cannot subscribe: %v", token.Error()))
	}
}

// ErrNotConnected is returned by Publish while the session is down.
var ErrNotConnected = errors.New("mqttclient: not connected")

// Publish sends a message and waits for the broker to have it.
func (c *Client) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	if !c.client.IsConnectionOpen() {
		return ErrNotConnected
	}
	token := c.client.Publish(topic, 1, retain, payload)
	select {
	case <-token.Done():
		if err := token.Error(); err != nil {
			return fmt.Errorf("cannot publish on %q: %w", topic, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("cannot publish on %q: %w", topic, ctx.Err())
	}
}

func (c *Client) set(name, why string) {
	c.mu.Lock()
	changed := c.state.Name != name || c.state.Why != why
	if c.state.Name != name {
		c.state.Since = c.now().UTC()
	}
	c.state.Name, c.state.Why = name, why
	s := c.state
	c.mu.Unlock()
	if changed {
		c.log.Info("MQTT session", "state", name, "why", why)
		c.notify(s)
	}
}
