package mqttclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/devices/transport/reconnect"
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

// waiting bounds the messages that wait for the journal. The broker holds the
// rest: it sends no more than its in-flight window without acknowledgements.
const waiting = 1024

// retryTake is the pause before a message that the journal would not take is
// tried again.
const retryTake = time.Second

// atOnce bounds the messages that go to the journal together: as many as came
// meanwhile share one write to the disk.
const atOnce = 256

// Client is one session. Its methods are safe for concurrent use.
type Client struct {
	settings Settings
	intake   Intake
	now      func() time.Time
	log      *slog.Logger
	client   paho.Client
	queue    chan paho.Message
	ended    chan struct{} // closed when Run ends
	// attempts to connect since the session last was up.
	attempts atomic.Int64
	line     *reconnect.Line
}

// New prepares a session; nothing connects before [Client.Run]. notify, when not
// nil, is called at every change of state.
func New(s Settings, intake Intake, now func() time.Time, log *slog.Logger, notify func(reconnect.State)) *Client {
	c := &Client{
		settings: s, intake: intake, now: now, log: log.With("link", s.ID),
		queue: make(chan paho.Message, waiting), ended: make(chan struct{}),
	}
	c.line = reconnect.NewLine("down", "not connected yet", now, func(is reconnect.State) {
		c.log.Info("MQTT session", "state", is.Name, "why", is.Why)
		if notify != nil {
			notify(is)
		}
	})
	o := paho.NewClientOptions().AddBroker(s.Broker).SetClientID(s.ClientID).
		SetUsername(s.Username).SetPassword(s.Password).
		SetCleanSession(false).SetAutoAckDisabled(true).SetOrderMatters(true).SetResumeSubs(true).
		SetAutoReconnect(true).SetConnectRetry(true).SetConnectRetryInterval(2 * time.Second).SetMaxReconnectInterval(30 * time.Second).
		SetProtocolVersion(4). // 3.1.1; paho would else fall back to 3.1 when a broker just fails, and stay there
		SetConnectionAttemptHandler(c.attempt).
		SetConnectionNotificationHandler(c.failed).
		SetDefaultPublishHandler(c.receive).
		SetOnConnectHandler(func(pc paho.Client) { go c.begin(pc) }).
		SetConnectionLostHandler(func(_ paho.Client, err error) { c.line.Turn("down", "connection lost: "+reason(err)) })
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
func (c *Client) State() reconnect.State { return c.line.State() }

// Run keeps the session until ctx ends. A broker that is missing at the start is
// tried for as long as it takes.
func (c *Client) Run(ctx context.Context) error {
	c.client.Connect() // it tries until it is disconnected
	defer c.leave()
	defer close(c.ended)
	for {
		select {
		case m := <-c.queue:
			c.handOver(ctx, c.gather(m))
		case <-ctx.Done():
			return nil
		}
	}
}

// sayWithin is how long a session waits for the broker to have its last word.
const sayWithin = time.Second

// leave ends the session. A broker that hears of it does not publish the last will, so
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

// attempt runs before every try to connect. When a broker comes back, all its
// clients are waiting: each tries again after a while of its own, so that they do
// not all come at once, on top of paho's doubling interval.
func (c *Client) attempt(_ *url.URL, config *tls.Config) *tls.Config {
	t := time.NewTimer(rand.N(mostJitter(c.attempts.Add(1)) + 1)) // #nosec G404 -- jitter
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ended:
	}
	return config
}

// failed keeps why an attempt came to nothing.
func (c *Client) failed(_ paho.Client, n paho.ConnectionNotification) {
	if f, ok := n.(paho.ConnectionNotificationFailed); ok {
		why := reason(f.Reason)
		if c.settings.TLS != nil {
			why += aboutCertificate(why)
		}
		c.line.Turn("down", "cannot connect to "+c.settings.Broker+": "+why)
	}
}

// aboutCertificate is what a failure over TLS means, empty when it says so itself. A
// broker refuses a certificate only after the handshake, in the words of OpenSSL's
// alerts or by ending the connection.
func aboutCertificate(why string) string {
	switch {
	case strings.Contains(why, "remote error: tls:"):
		return "; sertifikat gateway ditolak / the broker refuses this gateway's certificate: see cert_file and key_file"
	case strings.Contains(why, "reset by peer"), strings.Contains(why, "broken pipe"), strings.HasSuffix(why, "EOF"):
		return "; mungkin sertifikat gateway ditolak / the broker may refuse this gateway's certificate: see cert_file and key_file"
	}
	return ""
}

// reason tells an error without the port of this end, which is another at every
// attempt: the same trouble must read the same, to be logged once.
func reason(err error) string {
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Err != nil {
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}

// mostJitter bounds the random pause before the nth attempt: none before the first,
// then half of paho's interval, which doubles from a second to 30.
func mostJitter(n int64) time.Duration {
	if n <= 1 {
		return 0
	}
	return min(15*time.Second, 500*time.Millisecond<<min(n-2, 10))
}

// gather returns the message with those that came meanwhile, in their order.
func (c *Client) gather(first paho.Message) []paho.Message {
	group := []paho.Message{first}
	for len(group) < atOnce {
		select {
		case m := <-c.queue:
			group = append(group, m)
		default:
			return group
		}
	}
	return group
}

// handOver acknowledges messages once the journal has them, in the order in which
// they came (MQTT 3.1.1, 4.6). Those that the journal will not take are tried
// again: the broker would not send them again before a reconnect. An
// acknowledgement for a connection that has ended goes nowhere (paho ties it to its
// connection), so that it cannot free another message of the same number.
func (c *Client) handOver(ctx context.Context, group []paho.Message) {
	messages := make([]devices.Message, len(group))
	for i, m := range group {
		messages[i] = devices.Message{
			Topic: m.Topic(), Payload: m.Payload(), Retained: m.Retained(), Redelivered: m.Duplicate(),
			Client: c.settings.ID, PacketID: m.MessageID(), ReceivedAt: c.now().UTC(),
		}
	}
	for {
		err := c.intake.Take(ctx, messages...)
		if err == nil {
			for _, m := range group {
				m.Ack()
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		c.log.Error("MQTT messages not acknowledged", "messages", len(group), "first_topic", group[0].Topic(), "reason", err)
		if reconnect.Pause(ctx, retryTake) != nil {
			return
		}
	}
}

// begin says that the session is there and asks for the topics, at every connect: a
// broker that restarted without its store has forgotten both, and one that missed
// the gateway has said its last will.
func (c *Client) begin(pc paho.Client) {
	c.attempts.Store(1) // the next attempt is to reconnect
	if p := c.settings.Says; p != nil {
		pc.Publish(p.Topic, 1, true, p.Up)
	}
	if len(c.settings.Topics) == 0 {
		c.line.Turn("up", "")
		return
	}
	filters := make(map[string]byte, len(c.settings.Topics))
	for _, t := range c.settings.Topics {
		filters[t] = 1
	}
	for pc.IsConnected() {
		token := pc.SubscribeMultiple(filters, nil)
		if token.WaitTimeout(10*time.Second) && token.Error() == nil {
			c.line.Turn("up", "")
			return
		}
		c.line.Turn("down", fmt.Sprintf("connected, but cannot subscribe: %v", token.Error()))
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
