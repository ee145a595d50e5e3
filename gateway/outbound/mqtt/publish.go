package mqtt

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/devices"
	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/incident"
	"htgateway/gateway/status"
)

// prefix of every topic.
const prefix = "htgateway/"

// SessionState is what the gateway says of itself on every broker.
func SessionState() *devices.SessionState {
	return &devices.SessionState{Topic: prefix + "gateway/state", Up: []byte(`{"state":"up"}`), Down: []byte(`{"state":"down"}`)}
}

// retryAfter is the pause after the broker would not take a message.
const retryAfter = 2 * time.Second

// Send gives a message to a broker and returns nil once the broker has it. A broker
// keeps the retained ones for later subscribers.
type Send func(ctx context.Context, topic string, payload []byte, retain bool) error

// Updates is the log, with a place for each sink.
type Updates interface {
	FollowAsSink(ctx context.Context, sink string, take func([]incident.Update) error) error
	SetPublished(ctx context.Context, sink string, u incident.Update) error
}

// Units answers for the units.
type Units interface {
	Units() []incident.UnitState
	UnitByID(id string) (incident.UnitState, bool)
}

// Publisher carries updates to one broker. A message may be sent again after a
// crash; its id lets a reader know it.
type Publisher struct {
	o         Options
	updates   Updates
	units     Units
	log       *slog.Logger
	connected chan struct{}
	current   *status.Current

	subscribed func(topic string) bool // nil: always

	// turn is held from the reading of a unit's state until the broker has it: an
	// older state never comes after a newer one.
	turn sync.Mutex
	// pendingRetained are units whose newest state the broker has not, as nobody is
	// subscribed to it.
	pendingRetained map[string]bool
}

// Options say to which broker a publisher sends.
type Options struct {
	// Sink names its place in the log, Link the link whose broker it is.
	Sink, Link string
	Send       Send
	// Session says how the session with the broker stands, nil for one that is always
	// up: what is on its way while the session is down waits in it.
	Session status.Reporter
	Now     func() time.Time
	Log     *slog.Logger
}

// New returns a publisher that has not begun.
func New(o Options, u Updates, s Units) *Publisher {
	return &Publisher{
		o: o, updates: u, units: s, log: o.Log.With("sink", o.Sink), connected: make(chan struct{}, 1), pendingRetained: map[string]bool{},
		current: status.NewCurrent(status.Status{ID: "publish:" + o.Link, Kind: "publish", Protocol: "mqtt"}, o.Now()),
	}
}

// OnlyIfSubscribed has a unit's state published only while somebody is subscribed to its
// topic, and else at [Publisher.OnSubscribe]: a state is encoded for every fix, and mostly
// nobody is there. It is called before Run.
func (p *Publisher) OnlyIfSubscribed(subscribed func(topic string) bool) { p.subscribed = subscribed }

// OnSubscribe publishes the pending retained states when somebody subscribes to a filter
// that may be about units.
func (p *Publisher) OnSubscribe(filter string) {
	if !aboutUnits(filter) {
		return
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	for id := range p.pendingRetained {
		if u, known := p.units.UnitByID(id); known {
			payload, err := json.Marshal(u)
			if err != nil || p.try(context.Background(), stateOf(id), payload, true) != nil {
				return // it stays pending
			}
		}
		delete(p.pendingRetained, id)
	}
}

// aboutUnits tells whether a filter may match the topic of a unit's state.
func aboutUnits(filter string) bool {
	levels := strings.Split(filter, "/")
	if levels[0] == "$share" && len(levels) > 2 { // MQTT 5.0, 4.8.2: $share, the group, the filter
		levels = levels[2:]
	}
	for i, name := range []string{"htgateway", "units"} {
		switch {
		case i >= len(levels):
			return false
		case levels[i] == "#":
			return true
		case levels[i] != "+" && levels[i] != name:
			return false
		}
	}
	return true
}

// Status is how the broker stands; Reports counts the messages that it took.
func (p *Publisher) Status() []status.Status {
	now := p.current.Read()
	if p.o.Session != nil && now.State == status.Up {
		for _, session := range p.o.Session.Status() {
			if session.State != status.Up {
				now.State, now.Since, now.Why = status.Down, session.Since, session.Why
			}
		}
	}
	return []status.Status{now}
}

// Connected notes that the broker is there again: one without a store has forgotten the
// units' states, so all of them are published.
func (p *Publisher) Connected() {
	select {
	case p.connected <- struct{}{}:
	default: // is coming already
	}
}

// Run publishes until ctx ends: every unit's state at once, and updates from the
// sink's place on. A publisher that begins for the first time leaves out the past.
func (p *Publisher) Run(ctx context.Context) error {
	group, life := errgroup.WithContext(ctx)
	group.Go(func() error { return p.publishUnits(life) })
	group.Go(func() error {
		return p.updates.FollowAsSink(life, p.o.Sink, func(us []incident.Update) error { return p.take(life, us) })
	})
	err := group.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("publisher %q stopped: %w", p.o.Sink, err)
}

// publishUnits publishes every unit's state, and again whenever the broker comes back.
func (p *Publisher) publishUnits(ctx context.Context) error {
	for {
		for _, u := range p.units.Units() {
			if err := p.publishUnit(ctx, u.ID); err != nil {
				return err
			}
		}
		select {
		case <-p.connected:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *Publisher) publishUnit(ctx context.Context, id string) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.subscribed != nil && !p.subscribed(stateOf(id)) {
		p.pendingRetained[id] = true
		return nil
	}
	delete(p.pendingRetained, id)
	u, known := p.units.UnitByID(id)
	if !known {
		return nil
	}
	return p.publish(ctx, stateOf(id), u, true)
}

func stateOf(unit string) (topic string) { return prefix + "units/" + unit + "/state" }

func (p *Publisher) take(ctx context.Context, us []incident.Update) error {
	units := map[string]bool{}
	for i := range us {
		u := &us[i]
		if u.Unit != "" {
			units[u.Unit] = true
		}
		if u.Incident == "" || u.Kind == incident.UpdateFix {
			continue
		}
		if err := p.publish(ctx, prefix+"incidents/"+u.Incident+"/updates", u, false); err != nil {
			return err
		}
	}
	for id := range units {
		if err := p.publishUnit(ctx, id); err != nil {
			return err
		}
	}
	return p.updates.SetPublished(ctx, p.o.Sink, us[len(us)-1])
}

// try sends a message once, and notes how that went.
func (p *Publisher) try(ctx context.Context, topic string, payload []byte, retain bool) error {
	err := p.o.Send(ctx, topic, payload, retain)
	if ctx.Err() == nil {
		p.note(err)
	}
	return err
}

// publish tries until the broker has the message or ctx ends.
func (p *Publisher) publish(ctx context.Context, topic string, body any, retain bool) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("cannot encode a message to %q: %w", topic, err)
	}
	for {
		err := p.try(ctx, topic, payload, retain)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return nil
		}
		if err := reconnect.Pause(ctx, retryAfter); err != nil {
			return err
		}
	}
}

// note keeps how the broker stands, and logs when that changes.
func (p *Publisher) note(err error) {
	if err != nil {
		if p.current.Down(p.o.Now(), err.Error()) {
			p.log.Warn("updates wait for the broker", "reason", err)
		}
		return
	}
	p.current.Count(func(s *status.Status) { s.Reports++ })
	if p.current.Up() {
		p.log.Info("publishing again")
	}
}
