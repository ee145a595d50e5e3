// Package mqttbroker is the MQTT broker in the process, for field devices on a
// site without one. A publication is acknowledged only after the gateway has it
// on disk.
//
// Source: MQTT 3.1.1 and 5. The broker is mochi-mqtt, whose OnPublish hook runs
// before the acknowledgement (shared/design.md, "Facts found by trying").
package mqttbroker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strings"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"

	"htgateway/devices"
)

// maxPacket is the largest packet that the broker reads, in bytes. It is larger
// than any payload that is accepted, so that an oversize one can be refused with
// a reason instead of coming back for ever.
const maxPacket = 1 << 20

// Intake takes publications. Take returns nil only once the message is on disk,
// as a report or set aside with the reason.
type Intake interface {
	Take(ctx context.Context, m devices.Message) error
}

// Options of a broker.
type Options struct {
	// Listen is host and port; port 0 takes a free one.
	Listen string
	// TLS, when set, is used on the listener.
	TLS *tls.Config
	// Users may connect, each with the argon2id hash of its password.
	Users map[string]string
	// AllowAnonymous lets anybody connect and publish as anybody. It is refused
	// unless Listen is a loopback address.
	AllowAnonymous bool
	// Inbound tells which topics devices publish to the gateway; the rest is
	// only passed on.
	Inbound func(topic string) bool
	// Says, when not nil, is said by the broker itself: Up once it serves, Down at
	// its end.
	Says *devices.SessionState
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Broker is an MQTT broker with one listener.
type Broker struct {
	server   *mqtt.Server
	listener net.Listener
	says     *devices.SessionState
	log      *slog.Logger

	connected, accepted, withheld, denied atomic.Int64
}

// Stats are the broker's counters since it started.
type Stats struct {
	// Connected clients now.
	Connected int64
	// Accepted and Withheld publications; a withheld one was not acknowledged.
	Accepted, Withheld int64
	// Denied connections and publications.
	Denied int64
	// Dropped messages to subscribers whose queue was full.
	Dropped int64
}

// New binds the listener. Clients are served by [Broker.Serve].
func New(o Options, intake Intake) (*Broker, error) {
	if o.AllowAnonymous && !loopback(o.Listen) {
		return nil, fmt.Errorf("mqttbroker: anonymous devices are allowed on loopback only, not on %q", o.Listen)
	}
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumPacketSize = maxPacket
	capabilities.MaximumInflight = math.MaxUint16
	capabilities.ReceiveMaximum = math.MaxUint16
	server := mqtt.New(&mqtt.Options{Capabilities: capabilities, InlineClient: true, Logger: o.Log})
	b := &Broker{server: server, says: o.Says, log: o.Log}
	if err := server.AddHook(&hook{broker: b, options: o, intake: intake}, nil); err != nil {
		return nil, fmt.Errorf("mqttbroker: cannot add its hook: %w", err)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("mqttbroker: cannot listen: %w", err)
	}
	b.listener = l
	if o.TLS != nil {
		l = tls.NewListener(l, o.TLS)
	}
	if err := server.AddListener(listeners.NewNet("field", l)); err != nil {
		return nil, errors.Join(fmt.Errorf("mqttbroker: cannot add its listener: %w", err), l.Close())
	}
	return b, nil
}

// Addr is the bound address, host and port.
func (b *Broker) Addr() string { return b.listener.Addr().String() }

// Serve serves clients until ctx ends, then closes every connection.
func (b *Broker) Serve(ctx context.Context) error {
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("mqttbroker: cannot serve: %w", err)
	}
	if p := b.says; p != nil {
		if err := b.Publish(p.Topic, p.Up, true); err != nil {
			return err
		}
	}
	<-ctx.Done()
	if p := b.says; p != nil {
		if err := b.Publish(p.Topic, p.Down, true); err != nil {
			b.log.Warn("the broker's end is not told", "reason", err)
		}
	}
	if err := b.server.Close(); err != nil {
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

// Stats returns the counters.
func (b *Broker) Stats() Stats {
	return Stats{
		Connected: b.connected.Load(), Accepted: b.accepted.Load(), Withheld: b.withheld.Load(), Denied: b.denied.Load(),
		Dropped: atomic.LoadInt64(&b.server.Info.MessagesDropped) + atomic.LoadInt64(&b.server.Info.InflightDropped),
	}
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
