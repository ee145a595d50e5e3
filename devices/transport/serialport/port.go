package serialport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.bug.st/serial"

	"htgateway/devices/transport/reconnect"
)

// Settings of a port, as configured.
type Settings struct {
	// ID names the link in logs and in the API.
	ID string
	// Device is a path, or a pattern such as /dev/serial/by-id/*FTDI* whose first
	// match is opened: ttyUSB0 comes back as ttyUSB1 after a replug.
	Device string
	// USB, where it names anything, finds the adapter by what it is instead of where
	// it is plugged in; Device may then be empty, or narrow the choice.
	USB USB
	// Baud rate, 9600 when 0; DataBits 8 when 0; StopBits 1 or 2, 1 when 0.
	Baud, DataBits, StopBits int
	// Parity is "none", "odd" or "even"; empty is none.
	Parity string
}

// Handler takes what the port delivers, always from one goroutine.
type Handler interface {
	// Bytes takes bytes as they came. p is only valid during the call.
	Bytes(p []byte, at time.Time)
	// Quiet tells that the line has been silent for half a second or was lost:
	// what is held is not joined with what comes next.
	Quiet(at time.Time)
}

// Timing of a port's life.
const (
	readTimeout  = 500 * time.Millisecond // also the silence that ends a half frame
	closeTimeout = 3 * time.Second
	writeTimeout = 5 * time.Second
)

// State of a port.
type State struct {
	reconnect.State
	// Device is the path that is open.
	Device string
	// Bytes received since the start; Opens counts how often the port was opened.
	Bytes, Opens uint64
}

// Port is one serial port. Its methods are safe for concurrent use.
type Port struct {
	settings Settings
	handler  Handler
	now      func() time.Time
	line     *reconnect.Line

	mu           sync.Mutex
	open         serial.Port
	device       string // the path that was opened last
	bytes, opens uint64
}

// New returns a port that is not open yet. notify, when not nil, is called at every
// change of state.
func New(s Settings, h Handler, now func() time.Time, log *slog.Logger, notify func(State)) *Port {
	p := &Port{settings: s, handler: h, now: now}
	p.line = reconnect.NewLine("opening", "", now, func(is reconnect.State) {
		state := p.stateAs(is)
		log.Info("serial port", "link", s.ID, "state", is.Name, "device", state.Device, "why", is.Why)
		if notify != nil {
			notify(state)
		}
	})
	return p
}

// State returns the port's state now.
func (p *Port) State() State { return p.stateAs(p.line.State()) }

func (p *Port) stateAs(line reconnect.State) State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := State{State: line, Bytes: p.bytes, Opens: p.opens}
	if s.Name == "up" {
		s.Device = p.device
	}
	return s
}

// Run keeps the port open until ctx ends: a port that is missing, busy or lost is
// tried again with growing pauses.
func (p *Port) Run(ctx context.Context) error {
	reconnect.Keep(ctx, p.session, func(err error) { p.line.Turn("down", explain(err)) })
	return nil
}

// session opens the port and reads until it is lost or ctx ends.
func (p *Port) session(ctx context.Context) error {
	device, err := p.find()
	if err != nil {
		return err
	}
	port, err := serial.Open(device, p.mode())
	if err != nil {
		return &openError{device: device, err: err}
	}
	if err := port.SetReadTimeout(readTimeout); err != nil {
		closeWithin(port)
		return fmt.Errorf("cannot set the read timeout of %s: %w", device, err)
	}
	p.mu.Lock()
	p.open, p.device = port, device
	p.opens++
	p.mu.Unlock()
	p.line.Turn("up", "")
	defer func() {
		p.mu.Lock()
		p.open = nil
		p.mu.Unlock()
		p.handler.Quiet(p.now().UTC())
		closeWithin(port)
	}()
	return p.read(ctx, port, device)
}

// read delivers bytes until the port is lost. A read that times out returns no
// bytes and no error: the line is quiet.
func (p *Port) read(ctx context.Context, port serial.Port, device string) error {
	buf := make([]byte, 4096)
	quiet := true
	for ctx.Err() == nil {
		n, err := port.Read(buf)
		at := p.now().UTC()
		if err != nil {
			return fmt.Errorf("lost %s: %w", device, err)
		}
		if n == 0 {
			if !quiet {
				p.handler.Quiet(at)
				quiet = true
			}
			continue
		}
		quiet = false
		p.mu.Lock()
		p.bytes += uint64(n)
		p.mu.Unlock()
		p.handler.Bytes(buf[:n], at)
	}
	return ctx.Err()
}

// find resolves a pattern to the device that is there now.
func (p *Port) find() (string, error) {
	if p.settings.USB != (USB{}) {
		return p.settings.USB.Find(p.settings.Device)
	}
	matches, err := filepath.Glob(p.settings.Device)
	if err != nil {
		return "", fmt.Errorf("cannot read the device pattern %q: %w", p.settings.Device, err)
	}
	if len(matches) == 0 {
		return "", &openError{device: p.settings.Device, err: fs.ErrNotExist}
	}
	return matches[0], nil
}

func (p *Port) mode() *serial.Mode {
	m := &serial.Mode{BaudRate: p.settings.Baud, DataBits: p.settings.DataBits}
	if m.BaudRate == 0 {
		m.BaudRate = 9600
	}
	if m.DataBits == 0 {
		m.DataBits = 8
	}
	if p.settings.StopBits == 2 {
		m.StopBits = serial.TwoStopBits
	}
	switch p.settings.Parity {
	case "odd":
		m.Parity = serial.OddParity
	case "even":
		m.Parity = serial.EvenParity
	}
	return m
}

// closeWithin closes a port and gives up waiting: draining can hang for half a
// minute when the device is gone.
func closeWithin(port serial.Port) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = port.Close() // the port is given up either way
	}()
	select {
	case <-done:
	case <-time.After(closeTimeout):
	}
}

// ErrNotOpen is returned by Write while the port is down.
var ErrNotOpen = errors.New("serialport: port is not open")

// Write sends bytes to the radio. It gives up after five seconds or when ctx
// ends: a write to a stuck device never returns by itself.
func (p *Port) Write(ctx context.Context, b []byte) error {
	p.mu.Lock()
	port := p.open
	p.mu.Unlock()
	if port == nil {
		return ErrNotOpen
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := port.Write(b)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("cannot write to %q: %w", p.settings.ID, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("cannot write to %q: %w", p.settings.ID, ctx.Err())
	}
}

// openError is a port that could not be opened.
type openError struct {
	device string
	err    error
}

func (e *openError) Error() string { return "cannot open " + e.device + ": " + e.err.Error() }
func (e *openError) Unwrap() error { return e.err }

// explain says what is wrong in words that help a technician.
func explain(err error) string {
	var open *openError
	if !errors.As(err, &open) {
		return err.Error()
	}
	var perr *serial.PortError
	if errors.As(open.err, &perr) {
		switch perr.Code() {
		case serial.PortBusy:
			return open.Error() + holders(open.device)
		case serial.PermissionDenied:
			return open.Error() + groupHint(open.device)
		case serial.PortNotFound:
			return open.device + " is not there: is the adapter plugged in?"
		}
	}
	switch {
	case errors.Is(open.err, fs.ErrNotExist):
		return open.device + " is not there: is the adapter plugged in?"
	case errors.Is(open.err, syscall.EACCES):
		return open.Error() + groupHint(open.device)
	case errors.Is(open.err, syscall.EBUSY):
		return open.Error() + holders(open.device)
	}
	return open.Error()
}
