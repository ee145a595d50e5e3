// Package publish tells others over MQTT what changed: incident updates, each
// unit's state and the gateway's own.
//
// Flow: … → tracker → update → sinks; publish is a sink.
package publish

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/incident"
)

// prefix of every topic.
const prefix = "htgateway/"

// retryAfter is the pause after the broker would not take a message.
const retryAfter = 2 * time.Second

// Broker takes messages, and keeps the retained ones for later subscribers.
type Broker interface {
	Publish(topic string, payload []byte, retain bool) error
}

// Updates is the log, with a cursor for each sink.
type Updates interface {
	Tail(ctx context.Context, sink string, take func([]incident.Update) error) error
	SetPlace(ctx context.Context, sink string, u incident.Update) error
}

// State answers for the units.
type State interface {
	UnitByID(id string) (incident.UnitState, bool)
}

// Publisher carries updates to a broker. A message may be sent again after a
// crash; its id lets a reader know it.
type Publisher struct {
	sink    string
	broker  Broker
	updates Updates
	state   State
	log     *slog.Logger
}

// StateTopic is where the gateway says, retained, whether it is up; Down is what a
// broker says there for a gateway whose connection was lost.
const (
	StateTopic = prefix + "gateway/state"
	Up         = `{"state":"up"}`
	Down       = `{"state":"down"}`
)

// New returns a publisher that has not begun. The sink names its place in the log.
func New(sink string, b Broker, u Updates, s State, log *slog.Logger) *Publisher {
	return &Publisher{sink: sink, broker: b, updates: u, state: s, log: log}
}

// Run publishes until ctx ends. A publisher that begins for the first time does
// not tell the past.
func (p *Publisher) Run(ctx context.Context) error {
	p.say(StateTopic, json.RawMessage(Up), true)
	defer p.say(StateTopic, json.RawMessage(Down), true)
	err := p.updates.Tail(ctx, p.sink, func(us []incident.Update) error { return p.take(ctx, us) })
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("publisher stopped: %w", err)
}

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
		if err := p.until(ctx, prefix+"incidents/"+u.Incident+"/updates", u, false); err != nil {
			return err
		}
	}
	for id := range units {
		if s, known := p.state.UnitByID(id); known {
			if err := p.until(ctx, prefix+"units/"+id+"/state", s, true); err != nil {
				return err
			}
		}
	}
	return p.updates.SetPlace(ctx, p.sink, us[len(us)-1])
}

// until tries until the broker has the message or ctx ends.
func (p *Publisher) until(ctx context.Context, topic string, body any, retain bool) error {
	for !p.say(topic, body, retain) {
		t := time.NewTimer(retryAfter)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
	return nil
}

func (p *Publisher) say(topic string, body any, retain bool) bool {
	payload, err := json.Marshal(body)
	if err == nil {
		err = p.broker.Publish(topic, payload, retain)
	}
	if err != nil {
		p.log.Warn("not published", "topic", topic, "reason", err)
	}
	return err == nil
}
