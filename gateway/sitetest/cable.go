package sitetest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Cable is a network between a client and a server, which can be cut and mended.
type Cable struct {
	t        testing.TB
	to, Addr string

	mu       sync.Mutex
	listener net.Listener
	lines    map[net.Conn]bool
}

// NewCable lays a cable to a server; what connects to its address reaches it.
func NewCable(t testing.TB, to string) *Cable {
	t.Helper()
	c := &Cable{t: t, to: to, Addr: "127.0.0.1:0", lines: map[net.Conn]bool{}}
	c.Mend()
	t.Cleanup(c.Cut)
	return c
}

// Mend lets connections through, at the same address as before.
func (c *Cable) Mend() {
	c.t.Helper()
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.listener, c.Addr = l, l.Addr().String()
	c.mu.Unlock()
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // cut
			}
			far, err := net.Dial("tcp", c.to)
			if err != nil {
				near.Close()
				continue
			}
			c.mu.Lock()
			if c.listener != l {
				near.Close()
				far.Close()
			}
			c.lines[near], c.lines[far] = true, true
			c.mu.Unlock()
			go carry(near, far)
			go carry(far, near)
		}
	}()
}

// Cut ends every connection and takes no new one.
func (c *Cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listener != nil {
		c.listener.Close()
	}
	c.listener = nil
	for line := range c.lines {
		line.Close()
	}
	clear(c.lines)
}

// carry copies until one end is gone, and closes both.
func carry(to, from net.Conn) {
	_, _ = io.Copy(to, from) // a line that breaks is what the cable is for
	to.Close()
	from.Close()
}
