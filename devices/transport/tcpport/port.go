package tcpport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"htgateway/devices/transport/reconnect"
)

// Settings of a connection, as configured.
type Settings struct {
	// ID names the link in logs and in the API.
	ID string
	// Address is host and port, "127.0.0.1:8001".
	Address string
}

// Handler takes what the connection delivers, always from one goroutine.
type Handler interface {
	// Bytes takes bytes as they came. p is only valid during the call.
	Bytes(p []byte, at time.Time)
	// Quiet tells that nothing came for five seconds or that the connection was
	// lost: what is held is not joined with what comes next.
	Quiet(at time.Time)
}

// Timing of a connection's life. A network may pause in mid-frame for longer than
// a serial line does.
const (
	quietAfter   = 5 * time.Second
	dialTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second
)

// Port is one connection. Its methods are safe for concurrent use.
type Port struct {
	settings Settings
	handler  Handler
	now      func() time.Time
	line     *reconnect.Line

	mu   sync.Mutex
	conn net.Conn
}

// New returns a port that is not connected yet. notify, when not nil, is called at
// every change of state.
func New(s Settings, h Handler, now func() time.Time, log *slog.Logger, notify func(reconnect.State)) *Port {
	return &Port{settings: s, handler: h, now: now, line: reconnect.NewLine("opening", "", now, func(is reconnect.State) {
		log.Info("tcp link", "link", s.ID, "state", is.Name, "address", s.Address, "why", is.Why)
		if notify != nil {
			notify(is)
		}
	})}
}

// State returns the connection's state now.
func (p *Port) State() reconnect.State { return p.line.State() }

// Run keeps the connection until ctx ends: one that is refused or lost is tried
// again with growing pauses.
func (p *Port) Run(ctx context.Context) error {
	reconnect.Keep(ctx, p.session, func(err error) { p.line.Turn("down", p.explain(err)) })
	return nil
}

func (p *Port) session(ctx context.Context) error {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", p.settings.Address)
	if err != nil {
		return err
	}
	p.keep(conn)
	p.line.Turn("up", "")
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends the read
	defer func() {
		stop()
		p.keep(nil)
		p.handler.Quiet(p.now().UTC())
		_ = conn.Close() // it is given up either way
	}()
	return p.read(conn)
}

func (p *Port) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = conn
}

func (p *Port) read(conn net.Conn) error {
	buf := make([]byte, 4096)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(quietAfter)); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		at := p.now().UTC()
		if n > 0 {
			p.handler.Bytes(buf[:n], at)
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			p.handler.Quiet(at)
		case err != nil:
			return err
		}
	}
}

// ErrNotConnected is returned by Write while the connection is down.
var ErrNotConnected = errors.New("tcpport: not connected")

// Write sends bytes; it gives up after five seconds or when ctx ends.
func (p *Port) Write(ctx context.Context, b []byte) error {
	p.mu.Lock()
	conn := p.conn
	p.mu.Unlock()
	if conn == nil {
		return ErrNotConnected
	}
	until := time.Now().Add(writeTimeout)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	if err := conn.SetWriteDeadline(until); err != nil {
		return fmt.Errorf("cannot write to %q: %w", p.settings.ID, err)
	}
	if _, err := conn.Write(b); err != nil {
		return fmt.Errorf("cannot write to %q: %w", p.settings.ID, err)
	}
	return nil
}

// explain says what is wrong in words that help a technician.
func (p *Port) explain(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return p.settings.Address + " refuses: is the program there running (Direwolf listens for KISS on port 8001)?"
	case errors.Is(err, io.EOF):
		return p.settings.Address + " closed the connection"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return p.settings.Address + " does not answer: is the machine on, and reachable?"
	}
	return err.Error()
}
