package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/autobaud"
	"htgateway/devices/transport/capture"
	"htgateway/devices/transport/serialport"
	"htgateway/gateway/inbound/link"
)

// autoProtocol asks monitor to find the protocol.
const autoProtocol = "auto"

// monitorSettings are the command's flags.
type monitorSettings struct {
	port, protocol, record, color string
	baud                          int
}

func newMonitorCommand() *cobra.Command {
	var s monitorSettings
	cmd := &cobra.Command{
		Use:   "monitor --port DEVICE [--baud N] [--protocol P|auto] [--record FILE] [--color auto|always|never]",
		Short: "Show live what a radio says, decoded; find its speed and protocol; record it",
		Long: "Monitor opens a serial port and shows one line for each frame that comes, decoded; what is refused, in red with\n" +
			"its bytes and the reason; noise, dimmed, in hexadecimal. It never transmits. Ctrl-C ends it with a summary.\n" +
			"With --protocol auto it listens at each usual speed (or at --baud only) until frames decode, and says what it found\n" +
			"and why: press keys on a radio meanwhile. --record FILE keeps a capture with timing for htgateway replay.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&s.port, "port", "", "the serial port, such as /dev/ttyUSB0, or a pattern whose first match is opened")
	f.IntVar(&s.baud, "baud", 0, "speed in bits per second; 9600, or each usual one with --protocol auto, when 0")
	f.StringVar(&s.protocol, "protocol", autoProtocol, autoProtocol+" or one of "+protocol.Join(autobaud.Protocols()))
	f.StringVar(&s.record, "record", "", "file for a capture of what is heard; it must not exist")
	f.StringVar(&s.color, "color", "auto", "auto, always or never; auto colours on a terminal without NO_COLOR")
	if err := cmd.MarkFlagRequired("port"); err != nil {
		panic(err) // the flag is defined six lines up
	}
	return cmd
}

// run listens until ctx ends.
func (s monitorSettings) run(ctx context.Context, stdout io.Writer) error {
	coloured, err := wantsColour(s.color, stdout)
	if err != nil {
		return err
	}
	speaks := devices.Protocol(s.protocol)
	if s.protocol != autoProtocol && link.NewDecoder(speaks) == nil {
		return fmt.Errorf("--protocol is %q, not %s or one of %s", s.protocol, autoProtocol, protocol.Join(autobaud.Protocols()))
	}
	if s.baud < 0 {
		return fmt.Errorf("--baud is %d", s.baud)
	}
	m := &monitor{port: s.port, screen: newScreen(stdout, coloured), codebook: devices.DefaultCodebook(), silence: silence{since: time.Now(), noted: time.Now()}}
	if s.record != "" {
		if m.file, err = os.OpenFile(s.record, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("cannot record: %w", err)
		}
	}
	began := time.Now()
	ticking, stop := context.WithCancel(ctx)
	var ticker sync.WaitGroup
	ticker.Go(func() { m.tick(ticking) })
	if s.protocol == autoProtocol {
		speeds := autobaud.Speeds()
		if s.baud != 0 {
			speeds = []int{s.baud}
		}
		m.search(ctx, speeds)
	} else {
		m.mu.Lock()
		m.settle(s.baud, speaks, began)
		m.mu.Unlock()
		m.listen(ctx, s.baud, 0)
	}
	stop()
	ticker.Wait()
	return m.end(time.Since(began))
}

// monitor is one run of the command. It takes what the port delivers.
type monitor struct {
	port string

	mu       sync.Mutex
	screen   *screen
	codebook devices.Codebook
	silence  silence
	tally    tally
	// down is why the port is not open, empty when it is.
	down string

	// trial is nil once speed and protocol are settled.
	trial *trial

	decoder protocol.LineDecoder // nil until settled
	// zeros are the zero bytes that no frame kept: the port delivers them for
	// characters whose framing was wrong.
	zeros int

	file      *os.File        // nil without --record
	recording *capture.Writer // nil until settled
	recordErr error
}

// Bytes takes bytes as they came.
func (m *monitor) Bytes(p []byte, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silence.heard(at)
	m.tally.bytes += len(p)
	if m.trial != nil {
		m.try(p, at)
		return
	}
	m.take(p, at)
}

// Quiet ends a half frame.
func (m *monitor) Quiet(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.trial != nil {
		m.judge(at)
		return
	}
	m.flush(at)
}

// take records, decodes and shows bytes.
func (m *monitor) take(p []byte, at time.Time) {
	if m.recording != nil && m.recordErr == nil {
		if m.recordErr = m.recording.Write(p, at); m.recordErr != nil {
			m.screen.warn(at, "recording ended: "+m.recordErr.Error())
		}
	}
	m.zeros += zeros(p)
	m.show(m.decoder.Feed(p, at), at)
}

func (m *monitor) flush(at time.Time) {
	m.show(m.decoder.Flush(at), at)
	if m.zeros > 0 {
		m.tally.noise += m.zeros
		m.screen.zeros(at, m.zeros)
	}
	m.zeros = 0
}

func (m *monitor) show(frames []devices.Frame, at time.Time) {
	for i := range frames {
		f := &frames[i]
		m.zeros = max(0, m.zeros-zeros(f.Raw))
		m.tally.count(f)
		if f.Err == nil {
			m.codebook.Interpret(&f.Report)
		}
		m.screen.frame(at, f)
	}
}

// settle begins to decode and to record.
func (m *monitor) settle(baud int, speaks devices.Protocol, at time.Time) {
	m.trial, m.decoder = nil, link.NewDecoder(speaks)
	if m.file == nil {
		return
	}
	if baud == 0 {
		baud = defaultBaud
	}
	m.recording, m.recordErr = capture.NewWriter(m.file, capture.Header{Port: m.port, Baud: baud, Protocol: speaks, Started: at})
	if m.recordErr != nil {
		m.screen.warn(at, "not recorded: "+m.recordErr.Error())
	}
}

// defaultBaud is the speed of a port when none is said.
const defaultBaud = 9600

// listen keeps the port open at a speed until ctx ends, or until a trial with a
// window has failed.
func (m *monitor) listen(ctx context.Context, baud int, window time.Duration) {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	if baud == 0 {
		baud = defaultBaud
	}
	if window > 0 {
		m.beginTrial(baud, window, giveUp)
	}
	port := serialport.New(serialport.Settings{ID: "monitor", Device: m.port, Baud: baud}, m, time.Now,
		slog.New(slog.DiscardHandler), func(s serialport.State) { m.note(s, baud) })
	_ = port.Run(ctx) // it ends with ctx and says before why it is down
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.trial != nil {
		m.trial.timer.Stop()
	}
}

// note shows that the port was opened or lost.
func (m *monitor) note(s serialport.State, baud int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = s.Why
	if s.Name != "up" {
		m.screen.warn(s.Since, s.Why)
		return
	}
	m.screen.note(s.Since, fmt.Sprintf("listening to %s at %d baud", s.Device, baud))
	if m.trial != nil {
		m.trial.timer.Reset(m.trial.window) // it counts from when the port is open
	}
}

// tick tells of long silence until ctx ends.
func (m *monitor) tick(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			m.mu.Lock()
			if d, long := m.silence.tick(now); long {
				m.screen.silent(now, d, m.down)
			}
			m.mu.Unlock()
		}
	}
}

// end shows the summary and closes the recording.
func (m *monitor) end(lasted time.Duration) error {
	m.screen.summary(lasted, &m.tally)
	if m.file == nil {
		return nil
	}
	if m.recording == nil && m.recordErr == nil {
		m.screen.note(time.Now(), "nothing was found, so nothing was recorded")
		return errors.Join(m.file.Close(), removed(m.file.Name()))
	}
	return errors.Join(m.recordErr, m.file.Close())
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the empty recording: %w", err)
	}
	return nil
}
