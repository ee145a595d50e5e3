package cot

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/status"
)

// Output is where events go.
type Output struct {
	// Network is "udp" or "tcp"; Address is host and port, for UDP a multicast group
	// too.
	Network, Address string
}

// Timing and bounds of an output, real time.
const (
	queued      = 1024
	writeWithin = 10 * time.Second
	dialAgain   = time.Second
	dialAtMost  = 30 * time.Second
)

// sender writes events to one output. Events are of the moment: while the other end
// is away they are given up, and counted.
type sender struct {
	o     Output
	log   *slog.Logger
	queue chan []byte
	now   func() time.Time
	// current counts the events that went out as Reports, and those given up as Shed.
	current *status.Current
}

func newSender(o Output, now func() time.Time, log *slog.Logger) *sender {
	return &sender{
		o: o, now: now, log: log.With("cot", o.Network+"://"+o.Address), queue: make(chan []byte, queued),
		current: status.NewCurrent(status.Status{ID: "cot:" + o.Address, Kind: "cot", Protocol: o.Network}, now()),
	}
}

// send queues an event.
func (s *sender) send(e []byte) {
	select {
	case s.queue <- e:
	default:
		s.lost()
	}
}

func (s *sender) lost() { s.current.Count(func(st *status.Status) { st.Shed++ }) }

// run connects and writes until ctx ends.
func (s *sender) run(ctx context.Context) error {
	pause := dialAgain
	for {
		err := s.connection(ctx, func() { pause = dialAgain })
		if ctx.Err() != nil {
			return nil
		}
		if s.current.Down(s.now(), err.Error()) {
			s.log.Warn("cursor-on-target output is away", "reason", err)
		}
		if reconnect.Pause(ctx, pause) != nil {
			return nil
		}
		pause = min(2*pause, dialAtMost)
		s.forget()
	}
}

// forget gives up what waited while nobody was there.
func (s *sender) forget() {
	for {
		select {
		case <-s.queue:
			s.lost()
		default:
			return
		}
	}
}

// connection is one connection's life.
func (s *sender) connection(ctx context.Context, up func()) error {
	d := net.Dialer{Timeout: writeWithin}
	c, err := d.DialContext(ctx, s.o.Network, s.o.Address)
	if err != nil {
		return fmt.Errorf("cannot connect: %w", err)
	}
	defer c.Close()
	s.current.Up()
	up()
	for {
		select {
		case e := <-s.queue:
			err := c.SetWriteDeadline(time.Now().Add(writeWithin))
			if err == nil {
				_, err = c.Write(e)
			}
			if err != nil {
				s.lost()
				return fmt.Errorf("cannot send: %w", err)
			}
			s.current.Count(func(st *status.Status) { st.Reports++ })
		case <-ctx.Done():
			return nil
		}
	}
}
