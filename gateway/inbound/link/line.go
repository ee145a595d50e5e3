package link

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/transport/reconnect"
	"htgateway/devices/transport/serialport"
	"htgateway/devices/transport/tcpport"
	"htgateway/gateway/status"
)

// Parts are what links are made with.
type Parts struct {
	Intake Intake
	Events *Events
	Now    func() time.Time
	Log    *slog.Logger
}

// NewDecoder returns a decoder for a protocol, nil for one that lines do not carry.
func NewDecoder(p devices.Protocol) protocol.LineDecoder {
	if e, known := protocol.Find(p); known && e.Line != nil {
		return e.Line()
	}
	return nil
}

// Line is a link that carries a line's bytes, over a serial port or TCP.
type Line struct {
	about     About
	ledgers   Ledgers
	events    *Events
	port      port
	baud      int // 0 for the default
	framer    *Framer
	registrar *Registrar // nil but for TETRA
}

// port carries a line's bytes.
type port interface {
	Run(ctx context.Context) error
	Write(ctx context.Context, b []byte) error
	State() reconnect.State
}

// serialLine is a serial port as a port.
type serialLine struct{ *serialport.Port }

// State is how the line stands.
func (s serialLine) State() reconnect.State { return s.Port.State().State }

// NewSerial returns a line over a serial port, which need not be there yet.
func NewSerial(a About, s serialport.Settings, p Parts) (*Line, error) {
	l, err := newLine(a, s.Baud, p)
	if err != nil {
		return nil, err
	}
	l.carry(serialLine{serialport.New(s, l.framer, p.Now, p.Log, func(s serialport.State) { l.turned(s.State) })}, p)
	return l, nil
}

// NewTCP returns a line over TCP, whose other end need not be there yet.
func NewTCP(a About, s tcpport.Settings, p Parts) (*Line, error) {
	l, err := newLine(a, 0, p)
	if err != nil {
		return nil, err
	}
	l.carry(tcpport.New(s, l.framer, p.Now, p.Log, l.turned), p)
	return l, nil
}

func newLine(a About, baud int, p Parts) (*Line, error) {
	decoder := NewDecoder(devices.Protocol(a.Protocol))
	if decoder == nil {
		return nil, fmt.Errorf("protocol %q is not spoken over a line", a.Protocol)
	}
	return &Line{about: a, ledgers: p.Intake, events: p.Events, baud: baud, framer: NewFramer(a.ID, decoder, p.Intake, p.Log)}, nil
}

func (l *Line) carry(over port, p Parts) {
	l.port = over
	if devices.Protocol(l.about.Protocol) == devices.TETRA {
		l.registrar = NewRegistrar(l.about.ID, over, p.Log)
		l.framer.Watch(l.registrar.Watch)
	}
}

// turned journals a change in the line's life, and registers a TETRA radio whose port was
// opened.
func (l *Line) turned(s reconnect.State) {
	l.events.Note(l.about.ID, s.Name, s.Why)
	if s.Name == status.Up && l.registrar != nil {
		l.registrar.Opened()
	}
}

// Run carries until ctx ends, and then journals the frames that still wait.
func (l *Line) Run(ctx context.Context) error {
	group, life := errgroup.WithContext(ctx)
	group.Go(func() error { return l.port.Run(life) })
	group.Go(func() error { return l.framer.Run(life) })
	if l.registrar != nil {
		group.Go(func() error { return l.registrar.Run(life) })
	}
	return group.Wait()
}

// Write sends bytes to the radio.
func (l *Line) Write(ctx context.Context, b []byte) error { return l.port.Write(ctx, b) }

// Status is how the line stands: the port, and what is wrong with what comes over it.
func (l *Line) Status() []status.Status {
	s := l.port.State()
	if s.Why == "" {
		s.Why = l.framer.Hint(l.baud)
	}
	if s.Why == "" && l.registrar != nil {
		s.Why = l.registrar.Why()
	}
	return []status.Status{l.about.status(l.ledgers, s.Name, s.Since, s.Why)}
}
