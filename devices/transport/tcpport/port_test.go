package tcpport_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/devices/transport/tcpport"
)

// taker passes what comes to the test.
type taker struct {
	bytes chan string
	quiet chan struct{}
}

func (h *taker) Bytes(p []byte, _ time.Time) { h.bytes <- string(p) }
func (h *taker) Quiet(time.Time) {
	select {
	case h.quiet <- struct{}{}:
	default:
	}
}

func next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func TestConnectionIsFoundAgain(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	h := &taker{bytes: make(chan string, 8), quiet: make(chan struct{}, 8)}
	states := make(chan reconnect.State, 16)
	p := tcpport.New(tcpport.Settings{ID: "tnc", Address: address}, h, time.Now, slog.New(slog.DiscardHandler), func(s reconnect.State) { states <- s })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()

	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if s := next(t, "state", states); s.Name != "up" {
		t.Fatalf("%+v", s)
	}
	if _, err := conn.Write([]byte("one")); err != nil {
		t.Fatal(err)
	}
	if got := next(t, "bytes", h.bytes); got != "one" {
		t.Errorf("%q", got)
	}
	if err := p.Write(ctx, []byte("back")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "back" {
		t.Errorf("%q %v", buf, err)
	}

	_ = l.Close()
	_ = conn.Close()
	next(t, "end of what was held", h.quiet)
	if s := next(t, "state", states); s.Name != "down" || !strings.Contains(s.Why, "closed the connection") {
		t.Errorf("%+v", s)
	}
	if s := next(t, "state", states); s.Name != "down" || !strings.Contains(s.Why, "is the program there running") {
		t.Errorf("%+v", s)
	}
	if err := p.Write(ctx, []byte("x")); err == nil {
		t.Error("wrote to nowhere")
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if s := next(t, "state", states); s.Name != "up" {
		t.Errorf("%+v", s)
	}
	cancel()
	if err := next(t, "end", done); err != nil {
		t.Error(err)
	}
}
