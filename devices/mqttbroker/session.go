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
	// n counts the session's publications.
	n    uint64
	qos  byte
	will bool
	// foreign is set for a topic that is not the sender's own.
	foreign bool
	// done is told when a QoS 2 publication is on disk, or why it is not.
	done chan error
	// asked is set once the item was found to be over the rate and not urgent.
	asked bool
}

// heldMost bounds what one session holds: beyond it nothing more is read from the
// client, and its own network connection backs up.
const heldMost = 512

// session carries one client's publications to the journal, as many at once as have
// come meanwhile, and acknowledges them in the order in which they came (MQTT 3.1.1,
// 4.6). Beyond its rate a client waits; its keys and emergencies do not.
//
// While the disk has some, the next are decoded and offered: a client that waits for
// acknowledgements waits for the disk alone.
type session struct {
	b       *Broker
	client  *mqtt.Client
	account *account // nil for an anonymous client
	queue   chan item
	tooFast string
	offers  chan offer
	broken  chan struct{} // closed when nothing more will be acknowledged
	arrived uint64        // of the offering side

	// Of the acknowledging side.
	acks  []byte
	next  uint64          // the number that is to be acknowledged next
	early map[uint64]item // on disk, and something older is not
}

// offer are items that the intake has.
type offer struct {
	items []item
	taken func(context.Context) error
}

func newSession(b *Broker, cl *mqtt.Client, a *account) *session {
	return &session{
		b: b, client: cl, account: a, queue: make(chan item, heldMost/2),
		tooFast: fmt.Sprintf("more than %g messages a second", b.o.Limits.PerSecond),
		offers:  make(chan offer), broken: make(chan struct{}), early: map[uint64]item{},
	}
}

// offer brings items to the intake until the queue is closed and nothing is left.
func (s *session) offer() {
	defer close(s.offers)
	var held []item
	for open := true; open || len(held) > 0; {
		held, open = s.gather(held, open)
		due, wait := s.due(&held, open)
		if len(due) == 0 {
			held, open = s.rest(held, open, wait)
			continue
		}
		o := s.begin(due)
		select {
		case s.offers <- o:
		case <-s.broken:
			s.drop(o.items, o.taken(context.Background()))
			for it := range s.queue {
				held = append(held, it)
			}
			s.drop(held, errNotTaken)
			return
		}
	}
}

func (s *session) begin(due []item) offer {
	messages := make([]devices.Message, len(due))
	for i := range due {
		messages[i] = due[i].message
	}
	return offer{due, s.b.intake.Offer(context.Background(), messages...)}
}

// number counts an item as it comes.
func (s *session) number(it item) item {
	it.n = s.arrived
	s.arrived++
	return it
}

// gather waits for an item when none is held, and adds all that are there.
func (s *session) gather(held []item, open bool) ([]item, bool) {
	if open && len(held) == 0 {
		it, more := <-s.queue
		if !more {
			return held, false
		}
		held = append(held, s.number(it))
	}
	for open && len(held) < heldMost {
		select {
		case it, more := <-s.queue:
			if !more {
				return held, false
			}
			held = append(held, s.number(it))
		default:
			return held, open
		}
	}
	return held, open
}

// due takes out of the items held those that go to the journal now: all that the rate
// admits, and whatever is urgent. wait is how long the next one has to wait. Once the
// connection is gone there is nobody to slow down.
func (s *session) due(held *[]item, open bool) (due []item, wait time.Duration) {
	now := s.b.o.Now()
	later := (*held)[:0]
	due = make([]item, 0, len(*held))
	for _, it := range *held {
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
			due = append(due, it)
		} else {
			later = append(later, it)
		}
	}
	clear((*held)[len(later):])
	*held = later
	return due, wait
}

// rest waits until the rate admits another item, or one more comes.
func (s *session) rest(held []item, open bool, wait time.Duration) ([]item, bool) {
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
		return append(held, s.number(it)), open
	case <-t.C:
		return held, open
	}
}

// acknowledge waits for what was offered, in its order, and acknowledges it. After the
// first that was not taken it acknowledges nothing more.
func (s *session) acknowledge() {
	for o := range s.offers {
		if err := o.taken(context.Background()); err != nil {
			s.giveUp(o.items, err)
			return
		}
		s.book(len(o.items))
		for _, it := range o.items {
			s.early[it.n] = it
		}
		s.acknowledgeKept()
	}
}

// book counts what is on disk.
func (s *session) book(kept int) {
	s.b.accepted.Add(int64(kept))
	if s.account == nil {
		return
	}
	now := s.b.o.Now()
	s.account.book(func(a *Account) {
		a.Accepted += uint64(kept) // #nosec G115 -- a count
		a.LastSeen = now
	})
}

// acknowledgeKept acknowledges what is on disk as far as nothing older is not, in one
// write, and passes it on.
func (s *session) acknowledgeKept() {
	s.acks = s.acks[:0]
	var kept []item
	for it, is := s.early[s.next]; is; it, is = s.early[s.next] {
		delete(s.early, s.next)
		s.next++
		kept = append(kept, it)
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
		for i := range kept {
			s.passOn(&kept[i])
		}
	}
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
// after it reconnects. What it publishes until it notices, and what was offered
// meanwhile, is not acknowledged either.
func (s *session) giveUp(items []item, err error) {
	s.client.Stop(fmt.Errorf("%w: %w", errNotTaken, err))
	close(s.broken)
	s.drop(items, err)
	for o := range s.offers {
		s.drop(o.items, o.taken(context.Background()))
	}
}

// drop leaves items without their acknowledgement; err is why they were not taken, nil
// when something before them was not.
func (s *session) drop(items []item, err error) {
	if len(items) == 0 {
		return
	}
	if err == nil {
		err = errNotTaken
	}
	for _, it := range items {
		if it.done != nil {
			it.done <- err
		}
	}
	n := len(items)
	s.b.withheld.Add(int64(n))
	if s.account != nil {
		s.account.book(func(a *Account) { a.Withheld += uint64(n) }) // #nosec G115 -- a count
	}
	s.b.log.Error("MQTT messages not acknowledged", "client", s.client.ID, "messages", n, "reason", err)
}
