package link

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/tetra"
)

// Writer is the way to a radio.
type Writer interface {
	Write(ctx context.Context, b []byte) error
}

// Timing of a registration. A radio that restarts behind a USB port that stays
// says so at best by a line of its own, so it is registered again now and then.
const (
	answerWithin  = 2 * time.Second
	registerEvery = 15 * time.Minute
	registerPause = time.Minute
)

// Registrar keeps a TETRA radio telling what it hears: the radio forgets its
// registrations when it restarts.
type Registrar struct {
	link   string
	writer Writer
	log    *slog.Logger
	wake   chan struct{}
	answer chan tetra.Line

	mu   sync.Mutex
	last time.Time
	why  string
}

// NewRegistrar returns a registrar that writes to a radio.
func NewRegistrar(link string, w Writer, log *slog.Logger) *Registrar {
	return &Registrar{link: link, writer: w, log: log, wake: make(chan struct{}, 1), answer: make(chan tetra.Line, 16)}
}

// Opened tells that the port was opened: the radio may be another, or fresh.
func (g *Registrar) Opened() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// Watch looks at what the radio says: answers to commands, and signs of a restart.
func (g *Registrar) Watch(f devices.Frame) {
	if f.Report.Device != "" {
		return
	}
	if line := tetra.ParseLine(f.Raw); line.Kind == tetra.LineOK || line.Kind == tetra.LineError {
		select {
		case g.answer <- line:
		default:
		}
	}
	g.mu.Lock()
	rested := time.Since(g.last) > registerPause
	g.mu.Unlock()
	if rested && tetra.Restarted(f.Raw) {
		g.log.Info("radio restarted, registering again", "link", g.link, "sign", string(f.Raw))
		g.Opened()
	}
}

// Why says what the radio would not register, empty when all is well.
func (g *Registrar) Why() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.why
}

// Run registers whenever it must, until ctx ends.
func (g *Registrar) Run(ctx context.Context) error {
	again := time.NewTicker(registerEvery)
	defer again.Stop()
	for {
		select {
		case <-g.wake:
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
		why := g.register(ctx)
		g.mu.Lock()
		g.last, g.why = time.Now(), why
		g.mu.Unlock()
		if why != "" {
			g.log.Warn("radio not registered", "link", g.link, "why", why)
		}
	}
}

// register sends the commands one by one. A radio that is silent or refuses one is
// still given the rest: a set without LIP has status keys.
func (g *Registrar) register(ctx context.Context) (why string) {
	for _, command := range tetra.Registration() {
		for len(g.answer) > 0 {
			<-g.answer // of an earlier command
		}
		if err := g.writer.Write(ctx, []byte(command+"\r\n")); err != nil {
			return err.Error()
		}
		t := time.NewTimer(answerWithin)
		select {
		case line := <-g.answer:
			if !line.Done() {
				why = fmt.Sprintf("the radio refuses %s: %s", command, line.Text)
			}
		case <-t.C:
			why = fmt.Sprintf("the radio does not answer %s: is its PEI set to AT commands, and the speed right?", command)
		case <-ctx.Done():
		}
		t.Stop()
	}
	return why
}
