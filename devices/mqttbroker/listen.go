package mqttbroker

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
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
	end    sync.Once
}

// listen binds an address, with TLS when security is set.
func (b *Broker) listen(addr string, security *tls.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mqttbroker: cannot listen: %w", err)
	}
	g := &gate{Listener: l, room: b.room, full: b.noteFull, ending: make(chan struct{})}
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
		return &admitted{Conn: c, room: g.room}, nil
	}
}

// Close ends Accept.
func (g *gate) Close() error {
	g.end.Do(func() { close(g.ending) })
	return g.Listener.Close()
}

// admitted is a connection that gives its place back when it is closed.
type admitted struct {
	net.Conn
	room chan struct{}
	once sync.Once
}

func (a *admitted) Close() error {
	a.once.Do(func() { <-a.room })
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
