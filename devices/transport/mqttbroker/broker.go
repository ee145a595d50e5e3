package mqttbroker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"golang.org/x/time/rate"

	"htgateway/devices"
	"htgateway/devices/account"
)

// MaxPayload is the largest payload that is taken, in bytes. Larger ones are
// refused with that reason, up to maxPacket: an oversize message that merely ended
// the connection would come back at every reconnect, for ever.
const (
	MaxPayload = 64 << 10
	maxPacket  = 1 << 20
)

// Intake takes publications. Take returns nil only once all of them are on disk,
// as reports or set aside with the reason.
type Intake interface {
	Take(ctx context.Context, messages ...devices.Message) error
}

// Limits keep one device from being a burden to the others.
type Limits struct {
	// Connections at most, all devices together.
	Connections int
	// DeviceConnections at most of one user.
	DeviceConnections int
	// PerSecond is how many messages a second one user may send for long; Burst how
	// many at once, such as what a phone queued while it was away.
	PerSecond, Burst float64
}

// Options of a broker.
type Options struct {
	// Listen is host and port without TLS, TLSListen with it; port 0 takes a free one,
	// an empty address does not listen.
	Listen, TLSListen string
	// TLS is used on TLSListen.
	TLS *tls.Config
	// Users may connect.
	Users map[string]account.User
	// Verifier checks their passwords; nil for one of the broker's own.
	Verifier *account.Verifier
	// AllowAnonymous lets anybody connect and publish as anybody. It is refused
	// unless every listener is on a loopback address.
	AllowAnonymous bool
	Limits         Limits
	// Inbound tells which topics devices publish to the gateway; the rest is
	// only passed on.
	Inbound func(topic string) bool
	// Says, when not nil, is said by the broker itself: Up once it serves, Down at
	// its end.
	Says *devices.SessionState
	// Urgent tells that a message holds a key or an emergency, which does not wait
	// behind its sender's positions.
	Urgent func(devices.Message) bool
	// Asked, when not nil, is called when a client subscribes to a filter that it may
	// read, before it is given what is retained.
	Asked func(filter string)
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Broker is an MQTT broker. Its methods are safe for concurrent use.
type Broker struct {
	server *mqtt.Server
	intake Intake
	o      Options
	log    *slog.Logger
	// listener and secure are nil where there is none.
	listener, secure net.Listener
	room             chan struct{}
	accounts         userStates
	verifier         *account.Verifier
	sessions         sync.Map // *mqtt.Client → *session
	running          sync.WaitGroup
	closing          atomic.Bool

	accepted, withheld, denied, full, wills atomic.Int64
	refusals                                *logLimiter
}

// Stats are the broker's counters since it started.
type Stats struct {
	// Connected clients now.
	Connected int64
	// Accepted and Withheld publications; a withheld one was not acknowledged.
	Accepted, Withheld int64
	// Denied connections, subscriptions and publications.
	Denied int64
	// Full counts connections refused for want of room.
	Full int64
	// Wills of devices whose connection ended without a farewell.
	Wills int64
	// Dropped messages to subscribers that read too slowly.
	Dropped int64
}

// New binds the listeners. Clients are served by [Broker.Serve].
func New(o Options, intake Intake) (*Broker, error) {
	for _, addr := range []string{o.Listen, o.TLSListen} {
		if o.AllowAnonymous && addr != "" && !loopback(addr) {
			return nil, fmt.Errorf("mqttbroker: anonymous devices are allowed on loopback only, not on %q", addr)
		}
	}
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumPacketSize = maxPacket
	capabilities.MaximumInflight = math.MaxUint16
	capabilities.ReceiveMaximum = math.MaxUint16
	// An alias would come to the topic rules as an empty topic.
	capabilities.TopicAliasMaximum = 0
	capabilities.MaximumSessionExpiryInterval = sessionExpiry
	server := mqtt.New(&mqtt.Options{Capabilities: capabilities, InlineClient: true, Logger: quiet(o.Log)})
	b := &Broker{
		server: server, intake: intake, o: o, log: o.Log,
		room: make(chan struct{}, max(1, o.Limits.Connections)), verifier: o.Verifier, refusals: newLogLimiter(),
	}
	if b.verifier == nil {
		b.verifier = account.NewVerifier(o.Now)
	}
	b.SetUsers(o.Users)
	if err := server.AddHook(&hook{b: b}, nil); err != nil {
		return nil, fmt.Errorf("mqttbroker: cannot add its hook: %w", err)
	}
	if err := b.bind(); err != nil {
		return nil, errors.Join(err, b.unbind())
	}
	return b, nil
}

// sessionExpiry is how long a session without a connection is kept, in seconds: a
// phone that was away for a week finds its commands.
const sessionExpiry = 7 * 24 * 60 * 60

func (b *Broker) bind() (err error) {
	if b.o.Listen != "" {
		if b.listener, err = b.listen(b.o.Listen, nil); err != nil {
			return err
		}
		if err := b.server.AddListener(listeners.NewNet("field", b.listener)); err != nil {
			return fmt.Errorf("mqttbroker: cannot add its listener: %w", err)
		}
	}
	if b.o.TLSListen != "" {
		if b.secure, err = b.listen(b.o.TLSListen, b.o.TLS); err != nil {
			return err
		}
		if err := b.server.AddListener(listeners.NewNet("field-tls", b.secure)); err != nil {
			return fmt.Errorf("mqttbroker: cannot add its TLS listener: %w", err)
		}
	}
	return nil
}

func (b *Broker) unbind() error {
	var errs []error
	for _, l := range []net.Listener{b.listener, b.secure} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// Addr is the bound address without TLS, host and port; empty when there is none.
func (b *Broker) Addr() string { return address(b.listener) }

// TLSAddr is the bound address with TLS; empty when there is none.
func (b *Broker) TLSAddr() string { return address(b.secure) }

func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Serve serves clients until ctx ends, then closes every connection and lets what
// was taken reach the disk.
func (b *Broker) Serve(ctx context.Context) error {
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("mqttbroker: cannot serve: %w", err)
	}
	if p := b.o.Says; p != nil {
		if err := b.Publish(p.Topic, p.Up, true); err != nil {
			return err
		}
	}
	<-ctx.Done()
	if p := b.o.Says; p != nil {
		if err := b.Publish(p.Topic, p.Down, true); err != nil {
			b.log.Warn("the broker's end is not published", "reason", err)
		}
	}
	b.closing.Store(true)
	err := b.server.Close()
	b.running.Wait()
	if err != nil {
		return fmt.Errorf("mqttbroker: cannot close: %w", err)
	}
	return nil
}

// Publish sends the gateway's own message to whoever subscribed to the topic.
func (b *Broker) Publish(topic string, payload []byte, retain bool) error {
	if err := b.server.Publish(topic, payload, retain, 1); err != nil {
		return fmt.Errorf("mqttbroker: cannot publish on %q: %w", topic, err)
	}
	return nil
}

// Reads tells whether anybody subscribed to a topic, who is connected or will find in
// the session what was published.
func (b *Broker) Reads(topic string) bool {
	s := b.server.Topics.Subscribers(topic)
	return len(s.Subscriptions)+len(s.Shared)+len(s.InlineSubscriptions) > 0
}

// SetUsers changes who may connect. Only the sessions of users who are gone, or
// whose password or role is another one now, are ended.
func (b *Broker) SetUsers(users map[string]account.User) {
	fresh := func() *rate.Limiter { return rate.NewLimiter(rate.Limit(b.o.Limits.PerSecond), int(b.o.Limits.Burst)) }
	for _, cl := range b.accounts.set(users, fresh) {
		cl.Stop(errGone)
	}
}

var errGone = errors.New("user changed or gone")

// Accounts lists what became of every user since the broker began, by name.
func (b *Broker) Accounts() []Account { return b.accounts.views() }

// Stats returns the counters.
func (b *Broker) Stats() Stats {
	dropped := atomic.LoadInt64(&b.server.Info.MessagesDropped) + atomic.LoadInt64(&b.server.Info.InflightDropped)
	return Stats{
		Connected: atomic.LoadInt64(&b.server.Info.ClientsConnected),
		Accepted:  b.accepted.Load(), Withheld: b.withheld.Load(), Denied: b.denied.Load(),
		Full: b.full.Load(), Wills: b.wills.Load(), Dropped: dropped,
	}
}

// noteFull counts a connection for which there was no room.
func (b *Broker) noteFull(remote net.Addr) {
	b.full.Add(1)
	b.refusals.count(func(n int64) {
		b.log.Warn("MQTT connections refused, no room", "newest", remote, "since_last_told", n, "most", cap(b.room))
	})
}
