package sitetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang/packets"
)

// InFlight is how many messages a device has unacknowledged at most.
const InFlight = 20

// StreamTime bounds how long a stream with its kills may take on a busy machine.
const StreamTime = 100 * time.Second

// Stream is devices that each send messages, and what was acknowledged to them.
type Stream struct {
	t       *testing.T
	Ledger  *Ledger
	senders []*sender
}

// NewStream begins to send. Every numbered-th message of a device tells its own time
// and number; of the others only the transport tells whether they come again.
func NewStream(t *testing.T, addr string, names []string, each, numbered int) *Stream {
	t.Helper()
	st := &Stream{t: t, Ledger: NewLedger()}
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	for _, name := range names {
		p := &sender{addr: addr, name: name, numbered: numbered, ledger: st.Ledger, began: time.Now(), allowed: each, poke: make(chan struct{}, 1)}
		st.senders = append(st.senders, p)
		ended.Go(func() { p.run(ctx) })
	}
	t.Cleanup(func() { cancel(); ended.Wait() })
	return st
}

// Allow has every device send so many messages in all.
func (st *Stream) Allow(each int) {
	for _, p := range st.senders {
		p.mu.Lock()
		p.allowed = each
		p.mu.Unlock()
		p.wake()
	}
}

// AwaitAcknowledged waits until so many messages of all devices are acknowledged.
func (st *Stream) AwaitAcknowledged(n int) {
	st.t.Helper()
	st.Ledger.Await(st.t, n)
}

// During runs something that ends every session, and returns once they have ended:
// nothing that was acknowledged in them is still to be read.
func (st *Stream) During(end func()) {
	st.t.Helper()
	before := make([]int64, len(st.senders))
	for i, p := range st.senders {
		before[i] = p.ended.Load()
	}
	end()
	again := time.NewTicker(againAfter)
	defer again.Stop()
	deadline := time.After(StreamTime)
	for i, p := range st.senders {
		for p.ended.Load() == before[i] {
			select {
			case <-again.C:
			case <-deadline:
				st.t.Fatalf("the session of %s does not end", p.name)
			}
		}
	}
}

// sender is a device with a store: it keeps each message until the broker has
// acknowledged it, and sends it again, under the same number, in its next session.
type sender struct {
	addr, name string
	numbered   int
	ledger     *Ledger
	began      time.Time
	poke       chan struct{}
	ended      atomic.Int64 // sessions

	mu sync.Mutex
	// allowed messages may be sent in all; next was not sent yet; waiting were sent and
	// not acknowledged, in their order.
	allowed, next int
	waiting       []int
}

// againAfter is how soon a device connects again.
const againAfter = 20 * time.Millisecond

func (p *sender) run(ctx context.Context) {
	again := time.NewTicker(againAfter)
	defer again.Stop()
	for ctx.Err() == nil {
		_ = p.session(ctx) // whatever ended it, the next session sends again
		p.ended.Add(1)
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
}

// session connects and sends, first what was not acknowledged, until it breaks.
func (p *sender) session(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := p.connect(conn); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- p.hear(conn) }()
	p.mu.Lock()
	again := slices.Clone(p.waiting)
	p.mu.Unlock()
	w := bufio.NewWriter(conn)
	for _, i := range again {
		if err := p.publish(w, i, true); err != nil {
			return err
		}
	}
	for {
		for i, is := p.take(); is; i, is = p.take() {
			if err := p.publish(w, i, false); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		select {
		case <-p.poke:
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var errNotAdmitted = errors.New("not admitted")

func (p *sender) connect(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	hello := mqtt.NewControlPacket(mqtt.Connect).(*mqtt.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.ClientIdentifier = "MQTT", 4, p.name
	hello.UsernameFlag, hello.PasswordFlag, hello.Username, hello.Password = true, true, p.name, []byte(PhonePassword)
	if err := hello.Write(conn); err != nil {
		return err
	}
	cp, err := mqtt.ReadPacket(conn)
	if err != nil {
		return err
	}
	if ack, is := cp.(*mqtt.ConnackPacket); !is || ack.ReturnCode != mqtt.Accepted {
		return fmt.Errorf("%w: %v", errNotAdmitted, cp)
	}
	return conn.SetDeadline(time.Time{})
}

// hear notes acknowledgements until the connection ends.
func (p *sender) hear(conn io.Reader) error {
	for {
		cp, err := mqtt.ReadPacket(conn)
		if err != nil {
			return err
		}
		if ack, is := cp.(*mqtt.PubackPacket); is {
			p.acknowledged(ack.MessageID)
		}
	}
}

func (p *sender) acknowledged(number uint16) {
	p.mu.Lock()
	at := slices.IndexFunc(p.waiting, func(i int) bool { return packetID(i) == number })
	text := ""
	if at >= 0 {
		text = p.text(p.waiting[at])
		p.waiting = slices.Delete(p.waiting, at, at+1)
	}
	p.mu.Unlock()
	if text != "" {
		p.ledger.Add(text)
		p.wake()
	}
}

func (p *sender) wake() {
	select {
	case p.poke <- struct{}{}:
	default:
	}
}

// take returns the next new message, if it may be sent by now.
func (p *sender) take() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next >= p.allowed || len(p.waiting) >= InFlight {
		return 0, false
	}
	p.next++
	p.waiting = append(p.waiting, p.next-1)
	return p.next - 1, true
}

func packetID(i int) uint16 { return uint16(i%65_000) + 1 }

func (p *sender) text(i int) string { return fmt.Sprintf("%s %d", p.name, i) }

func (p *sender) publish(w io.Writer, i int, again bool) error {
	m := mqtt.NewControlPacket(mqtt.Publish).(*mqtt.PublishPacket)
	m.TopicName, m.MessageID, m.Qos, m.Dup = "htgateway/devices/"+p.name+"/report", packetID(i), 1, again
	payload := fmt.Sprintf(`{"text":%q}`, p.text(i))
	if i%p.numbered == 0 {
		at := p.began.Add(time.Duration(i) * time.Millisecond).UTC().Format(time.RFC3339Nano)
		payload = fmt.Sprintf(`{"text":%q,"time":%q,"seq":%d}`, p.text(i), at, i)
	}
	m.Payload = []byte(payload)
	return m.Write(w)
}
