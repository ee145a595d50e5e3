package mqtt_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/state/updatelog"
)

// crews are the units of a county, whose states change.
type crews struct {
	mu     sync.Mutex
	states []incident.UnitState
}

func (c *crews) Units() []incident.UnitState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]incident.UnitState(nil), c.states...)
}

func (c *crews) UnitByID(id string) (incident.UnitState, bool) {
	for _, s := range c.Units() {
		if s.ID == id {
			return s, true
		}
	}
	return incident.UnitState{}, false
}

// message is what a broker was sent.
type message struct {
	topic, body string
	retain      bool
}

// TestBrokerThatComesBackGetsAllAgain: while the broker refuses, nothing is passed
// over and the state says why; at each new connection every unit is published again.
func TestBrokerThatComesBackGetsAllAgain(t *testing.T) {
	t.Parallel()
	log, err := updatelog.Open(t.Context(), t.TempDir()+"/state.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := log.SetPublished(t.Context(), "mqtt:county", incident.Update{}); err != nil { // it has begun before
		t.Fatal(err)
	}
	units := &crews{states: []incident.UnitState{{Unit: incident.Unit{ID: "damkar-1"}}, {Unit: incident.Unit{ID: "psc-1"}}}}
	sent := make(chan message, 100)
	refusals := make(chan error, 1)
	refusals <- errors.New("not connected")
	p := mqtt.New(mqtt.Options{Sink: "mqtt:county", Link: "county", Now: time.Now, Log: slog.New(slog.DiscardHandler), Send: func(_ context.Context, topic string, payload []byte, retain bool) error {
		select {
		case err := <-refusals:
			return err
		default:
		}
		sent <- message{topic, string(payload), retain}
		return nil
	}}, log, units)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}()
	next := func(topic string, retain bool) message {
		t.Helper()
		select {
		case m := <-sent:
			if m.topic != topic || m.retain != retain {
				t.Fatalf("%+v, want %s", m, topic)
			}
			return m
		case <-time.After(30 * time.Second):
			t.Fatalf("no %s; %+v", topic, p.Status())
			return message{}
		}
	}
	next("htgateway/units/damkar-1/state", true)
	next("htgateway/units/psc-1/state", true)
	if s := p.Status()[0]; s.Reports == 0 || s.State != "up" || s.ID != "publish:county" {
		t.Errorf("%+v", s)
	}
	p.Connected()
	next("htgateway/units/damkar-1/state", true)
	next("htgateway/units/psc-1/state", true)
	us := []incident.Update{
		{Seq: 1, JournalSeq: 1, ID: "u1", Kind: incident.UpdateFix, Incident: "i1", Unit: "psc-1"},
		{Seq: 2, JournalSeq: 2, ID: "u2", Kind: incident.UpdateNote, Incident: "i1"},
	}
	if err := log.Append(t.Context(), us); err != nil {
		t.Fatal(err)
	}
	var u incident.Update
	if m := next("htgateway/incidents/i1/updates", false); json.Unmarshal([]byte(m.body), &u) != nil || u.ID != "u2" {
		t.Errorf("%+v", m)
	}
	next("htgateway/units/psc-1/state", true)
}

// TestStatesArePublishedOnlyIfSubscribed: while nobody reads a unit's state it is not
// encoded; it is published as it is then as soon as somebody subscribes to what may be it.
func TestStatesArePublishedOnlyIfSubscribed(t *testing.T) {
	t.Parallel()
	log, err := updatelog.Open(t.Context(), t.TempDir()+"/state.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := log.SetPublished(t.Context(), "mqtt:own", incident.Update{}); err != nil {
		t.Fatal(err)
	}
	units := &crews{states: []incident.UnitState{{Unit: incident.Unit{ID: "damkar-1"}}, {Unit: incident.Unit{ID: "psc-1"}}}}
	sent := make(chan message, 100)
	p := mqtt.New(mqtt.Options{Sink: "mqtt:own", Link: "own", Now: time.Now, Log: slog.New(slog.DiscardHandler), Send: func(_ context.Context, topic string, payload []byte, retain bool) error {
		sent <- message{topic, string(payload), retain}
		return nil
	}}, log, units)
	var read atomic.Bool
	passed := make(chan struct{}, 100)
	p.OnlyIfSubscribed(func(topic string) bool {
		passed <- struct{}{}
		return read.Load() && topic == "htgateway/units/psc-1/state"
	})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	defer func() {
		end()
		if err := errors.Join(<-ended, log.Close()); err != nil {
			t.Error(err)
		}
	}()
	wait := func(times int) {
		t.Helper()
		for range times {
			select {
			case <-passed:
			case <-time.After(30 * time.Second):
				t.Fatal("no state was to be published")
			}
		}
	}
	wait(2)
	for _, filter := range []string{"htgateway/incidents/#", "htgateway", "owntracks/+/+", "$share/a/owntracks/#", "$share/a"} {
		if p.OnSubscribe(filter); len(sent) > 0 {
			t.Fatalf("%s: %+v", filter, <-sent)
		}
	}
	for _, filter := range []string{"#", "+/+/+/state", "htgateway/#", "$share/a/htgateway/units/#", "htgateway/units/psc-1/state"} {
		p.OnSubscribe(filter)
		if len(sent) != 2 {
			t.Fatalf("%s: %d states", filter, len(sent))
		}
		for range 2 {
			if m := <-sent; !m.retain {
				t.Errorf("%s: %+v", filter, m)
			}
		}
		if p.OnSubscribe(filter); len(sent) > 0 {
			t.Fatalf("%s: published again", filter)
		}
		p.Connected() // as after a loss of what was retained
		wait(2)
	}
	read.Store(true)
	us := []incident.Update{{Seq: 1, JournalSeq: 1, ID: "u1", Kind: incident.UpdateFix, Unit: "psc-1"}, {Seq: 2, JournalSeq: 1, ID: "u2", Kind: incident.UpdateFix, Unit: "damkar-1"}}
	if err := log.Append(t.Context(), us); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-sent:
		if m.topic != "htgateway/units/psc-1/state" {
			t.Errorf("%+v", m)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("not published to who reads")
	}
}
