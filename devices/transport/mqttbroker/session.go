package mqttbroker

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"htgateway/devices"
)

// item is one publication on its way to the journal.
type item struct {
	message devices.Message
	qos     byte
	will    bool
	// foreign is set for a topic that is not the sender's own.
	foreign bool
	// done gets nil when a QoS 2 publication is on disk, or why it is not.
	done chan error
	// asked is set once the item was found to be over the rate and not urgent, kept
	// once it is on disk.
	asked, kept bool
}

// heldMost bounds what one session holds: beyond it nothing more is read from the
// client, and its own network connection backs up.
const heldMost = 512

// session carries one client's publications to the journal, as many at once as have
// come meanwhile, and acknowledges them in the order in which they came (MQTT 3.1.1,
// 4.6). Beyond its rate a client waits; its keys and emergencies do not.
type session struct {
	b       *Broker
	client  *mqtt.Client
	account *userState // nil for an anonymous client
	queue   chan item
	tooFast string
	acks    []byte
}

func newSession(b *Broker, cl *mqtt.Client, a *userState) *session {
	return &session{
		b: b, client: cl, account: a, queue: make(chan item, heldMost/2),
		tooFast: fmt.Sprintf("more than %g messages a second", b.o.Limits.PerSecond),
	}
}

// run lives until the queue is closed, and then brings what is left to the journal.
func (s *session) run() {
	var held []item
	for open := true; open || len(held) > 0; {
		held, open = s.gather(held, open)
		due, wait := s.due(held, open)
		if len(due) == 0 {
			held, open = s.awaitRate(held, open, wait)
			continue
		}
		if err := s.take(held, due); err != nil {
			s.giveUp(held, err)
			return
		}
		held = s.acknowledge(held)
	}
}

// gather waits for an item when none is held, and adds all that are there.
func (s *session) gather(held []item, open bool) ([]item, bool) {
	if open && len(held) == 0 {
		it, more := <-s.queue
		if !more {
			return held, false
		}
		held = append(held, it)
	}
	for open && len(held) < heldMost {
		select {
		case it, more := <-s.queue:
			if !more {
				return held, false
			}
			held = append(held, it)
		default:
			return held, open
		}
	}
	return held, open
}

// due are the places of the items that go to the journal now: all that the rate
// admits, and whatever is urgent. wait is how long the next one has to wait. Once the
// connection is gone there is nobody to slow down.
func (s *session) due(held []item, open bool) (due []int, wait time.Duration) {
	now := s.b.o.Now()
	for i := range held {
		it := &held[i]
		if it.kept {
			continue
		}
		ok := !open || it.qos == 0 || s.account == nil || wait == 0
		if ok && open && it.qos > 0 && s.account != nil {
			ok, wait = s.account.admit(now)
		}
		if !ok && !it.asked {
			it.asked = true
			if ok = s.b.o.Urgent(it.message); !ok {
				s.account.note(now, s.tooFast, slowed)
			}
		}
		if ok {
			due = append(due, i)
		}
	}
	return due, wait
}

// awaitRate waits until the rate admits another item, or one more comes.
func (s *session) awaitRate(held []item, open bool, wait time.Duration) ([]item, bool) {
	if !open {
		return held, open
	}
	queue := s.queue
	if len(held) >= heldMost {
		queue = nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case it, more := <-queue:
		if !more {
			return held, false
		}
		return append(held, it), open
	case <-t.C:
		return held, open
	}
}

// take journals the items that are due, all or none.
func (s *session) take(held []item, due []int) error {
	messages := make([]devices.Message, len(due))
	for n, i := range due {
		messages[n] = held[i].message
	}
	if err := s.b.intake.Take(context.Background(), messages...); err != nil {
		return err
	}
	now := s.b.o.Now()
	for _, i := range due {
		held[i].kept = true
	}
	s.b.accepted.Add(int64(len(due)))
	if s.account != nil {
		s.account.count(func(a *Account) {
			a.Accepted += uint64(len(due))
			a.LastSeen = now
		})
	}
	return nil
}

// acknowledge acknowledges what is on disk as far as nothing older is not, in one
// write, passes it on, and returns what is still held.
func (s *session) acknowledge(held []item) []item {
	n := 0
	for n < len(held) && held[n].kept {
		n++
	}
	s.acks = s.acks[:0]
	for i := range n {
		it := &held[i]
		switch {
		case it.qos == 1 && it.foreign && s.client.Properties.ProtocolVersion == 5:
			s.acks = append(s.acks, packets.Puback<<4, 3)
			s.acks = append(binary.BigEndian.AppendUint16(s.acks, it.message.PacketID), packets.ErrNotAuthorized.Code)
		case it.qos == 1:
			s.acks = append(s.acks, packets.Puback<<4, 2)
			s.acks = binary.BigEndian.AppendUint16(s.acks, it.message.PacketID)
		case it.qos == 2:
			s.send() // in order
			it.done <- nil
		}
	}
	s.send()
	if atomic.LoadInt64(&s.b.server.Info.Subscriptions) > 0 {
		for i := range n {
			s.passOn(&held[i])
		}
	}
	return append(held[:0], held[n:]...)
}

// send writes the acknowledgements. An error is the connection's end, of which the
// reading side hears too.
func (s *session) send() {
	if len(s.acks) == 0 || s.client.Closed() {
		return
	}
	s.client.Lock() // the engine writes whole packets under it
	defer s.client.Unlock()
	_, _ = s.client.Net.Conn.Write(s.acks)
	s.acks = s.acks[:0]
}

// passOn gives a publication to whoever subscribed to its topic. The engine does so
// itself for a last will.
func (s *session) passOn(it *item) {
	if it.will || it.message.Refused != "" || it.message.Excess {
		return
	}
	if err := s.b.server.Publish(it.message.Topic, it.message.Payload, false, it.qos); err != nil {
		s.b.log.Warn("publication not passed on", "topic", it.message.Topic, "reason", err)
	}
}

var errNotTaken = errors.New("message not taken")

// giveUp ends the connection without acknowledging: a 3.1.1 client sends again only
// after it reconnects. What it publishes until it notices is not taken either.
func (s *session) giveUp(held []item, err error) {
	n := 0
	drop := func(it item) {
		n++
		if it.done != nil && !it.kept {
			it.done <- err
		}
	}
	s.client.Stop(fmt.Errorf("%w: %w", errNotTaken, err))
	for _, it := range held {
		drop(it)
	}
	for it := range s.queue {
		drop(it)
	}
	s.b.withheld.Add(int64(n))
	if s.account != nil {
		s.account.count(func(a *Account) { a.Withheld += uint64(n) })
	}
	s.b.log.Error("MQTT messages not acknowledged", "client", s.client.ID, "messages", n, "reason", err)
}
