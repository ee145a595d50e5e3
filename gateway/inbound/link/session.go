package link

import (
	"context"

	"htgateway/devices/transport/mqttclient"
	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/status"
)

// Session is a link to a broker elsewhere, which devices publish on.
type Session struct {
	about   About
	ledgers Ledgers
	events  *Events
	client  *mqttclient.Client
	up      func() // nil when nobody wants to know
}

// NewSession returns a session with a broker, which need not be there yet.
func NewSession(a About, s mqttclient.Settings, m *Messages, p Parts) *Session {
	l := &Session{about: a, ledgers: p.Intake, events: p.Events}
	l.client = mqttclient.New(s, m, p.Now, p.Log, l.turned)
	return l
}

// OnUp has f called whenever the session begins. It is called before Run.
func (l *Session) OnUp(f func()) { l.up = f }

func (l *Session) turned(s reconnect.State) {
	l.events.Note(l.about.ID, s.Name, s.Why)
	if l.up != nil && s.Name == status.Up {
		l.up()
	}
}

// Run keeps the session until ctx ends.
func (l *Session) Run(ctx context.Context) error { return l.client.Run(ctx) }

// Publish gives a message to the broker, and returns nil once it has it.
func (l *Session) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	return l.client.Publish(ctx, topic, payload, retain)
}

// Send publishes a message for a device.
func (l *Session) Send(ctx context.Context, topic string, payload []byte) error {
	return l.client.Publish(ctx, topic, payload, false)
}

// Status is how the session stands.
func (l *Session) Status() []status.Status {
	s := l.client.State()
	return []status.Status{l.about.status(l.ledgers, s.Name, s.Since, s.Why)}
}
