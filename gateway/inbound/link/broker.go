package link

import (
	"context"
	"fmt"
	"net"
	"time"

	"htgateway/devices/account"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/status"
)

// Broker is the broker in the process, for the devices of a site.
type Broker struct {
	about      About
	ledgers    Ledgers
	broker     *mqttbroker.Broker
	since      time.Time
	subscribed func(filter string) // nil when nobody wants to know
}

// NewBroker returns a broker that listens and serves nobody yet. What it hands on, what is
// urgent, and who wants to know of subscriptions is the link's, not the options'.
func NewBroker(o mqttbroker.Options, m *Messages, p Parts) (*Broker, error) {
	l := &Broker{about: About{ID: BrokerID, Kind: "broker", Protocol: "mqtt"}, ledgers: p.Intake, since: p.Now().UTC()}
	o.Inbound, o.Urgent, o.Now, o.Log = Inbound, m.Urgent, p.Now, p.Log
	o.Asked = func(filter string) {
		if l.subscribed != nil {
			l.subscribed(filter)
		}
	}
	var err error
	l.broker, err = mqttbroker.New(o, m)
	return l, err
}

// OnSubscribe has f called before a client that subscribes is given what is retained. It
// is called before Run.
func (l *Broker) OnSubscribe(f func(filter string)) { l.subscribed = f }

// Run serves until ctx ends.
func (l *Broker) Run(ctx context.Context) error { return l.broker.Serve(ctx) }

// SetUsers changes who may connect, without ending the session of anybody who still may.
func (l *Broker) SetUsers(users map[string]account.User) { l.broker.SetUsers(users) }

// Accounts are the users, with what was refused them.
func (l *Broker) Accounts() []mqttbroker.Account { return l.broker.Accounts() }

// Publish gives a message to those who subscribed.
func (l *Broker) Publish(_ context.Context, topic string, payload []byte, retain bool) error {
	return l.broker.Publish(topic, payload, retain)
}

// Send publishes a message for a device.
func (l *Broker) Send(_ context.Context, topic string, payload []byte) error {
	return l.broker.Publish(topic, payload, false)
}

// Reads tells whether anybody subscribes to a topic.
func (l *Broker) Reads(topic string) bool { return l.broker.Reads(topic) }

// Addr is the host and port without TLS, empty where it does not listen.
func (l *Broker) Addr() string { return l.broker.Addr() }

// TLSAddr is the host and port with TLS, empty where it does not listen.
func (l *Broker) TLSAddr() string { return l.broker.TLSAddr() }

// Door is the port that phones are sent to, the one with TLS where there is one. Local
// tells that it listens on loopback only.
func (l *Broker) Door() (port string, secure, local bool) {
	addr := l.broker.TLSAddr()
	if secure = addr != ""; !secure {
		addr = l.broker.Addr()
	}
	host, port, _ := net.SplitHostPort(addr) // of a listener
	ip := net.ParseIP(host)
	return port, secure, ip != nil && ip.IsLoopback()
}

// Status is how the broker stands, and what whoever looks after it must know.
func (l *Broker) Status() []status.Status {
	s := l.broker.Stats()
	why := fmt.Sprintf("%d alat tersambung / %d devices connected", s.Connected, s.Connected)
	for _, addr := range []string{l.broker.Addr(), l.broker.TLSAddr()} {
		if addr != "" {
			why += " on " + addr
		}
	}
	if s.Full > 0 {
		why += fmt.Sprintf("; %d connections refused for want of room (mqtt.embedded.max_connections)", s.Full)
	}
	if s.Dropped > 0 {
		why += fmt.Sprintf("; ALARM: %d messages to slow subscribers dropped", s.Dropped)
	}
	return []status.Status{l.about.status(l.ledgers, status.Up, l.since, why)}
}
