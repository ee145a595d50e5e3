package mqttbroker

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// helloWithin is how long a connection may take for its TLS handshake and its
// CONNECT; whoever says nothing must not hold a place.
const helloWithin = 10 * time.Second

// gate is a listener that lets in a bounded number of connections and outlives
// errors of accepting: the broker's loop ends at the first one, and a moment
// without file descriptors would end the listener for good.
type gate struct {
	net.Listener
	room   chan struct{}
	full   func(remote net.Addr)
	ending chan struct{}

	mu    sync.Mutex
	open  map[*admitted]bool
	ended bool
}

// listen binds an address, with TLS when security is set.
func (b *Broker) listen(addr string, security *tls.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mqttbroker: cannot listen: %w", err)
	}
	g := &gate{Listener: l, room: b.room, full: b.noteFull, ending: make(chan struct{}), open: map[*admitted]bool{}}
	if security == nil {
		return g, nil
	}
	return tls.NewListener(g, security), nil
}

// Accept returns the next connection that there is room for.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil {
			select {
			case <-time.After(100 * time.Millisecond):
				continue
			case <-g.ending:
				return nil, err
			}
		}
		select {
		case g.room <- struct{}{}:
		default:
			g.full(c.RemoteAddr())
			_ = c.Close() // refused; it knows nothing of us yet
			continue
		}
		if err := c.SetDeadline(time.Now().Add(helloWithin)); err != nil {
			_, _ = c.Close(), <-g.room // gone already
			continue
		}
		a := &admitted{Conn: c, gate: g}
		if !g.note(a) {
			_ = a.Close() // refused; it knows nothing of us yet
			continue
		}
		return a, nil
	}
}

// note remembers an open connection; false when the gate is closed.
func (g *gate) note(a *admitted) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.open[a] = true
	}
	return !g.ended
}

// Close ends Accept, and every connection that is still open: the broker says goodbye
// to the clients it knows and then waits for all, also for one that came in between
// and for one that has said nothing yet.
func (g *gate) Close() error {
	g.mu.Lock()
	if !g.ended {
		g.ended = true
		close(g.ending)
	}
	left := slices.Collect(maps.Keys(g.open))
	g.mu.Unlock()
	for _, a := range left {
		_ = a.Close() // its reader says what there is to say
	}
	return g.Listener.Close()
}

// admitted is a connection that gives its place back when it is closed.
type admitted struct {
	net.Conn
	gate *gate
	once sync.Once
}

func (a *admitted) Close() error {
	a.once.Do(func() {
		<-a.gate.room
		a.gate.mu.Lock()
		defer a.gate.mu.Unlock()
		delete(a.gate.open, a)
	})
	return a.Conn.Close()
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
