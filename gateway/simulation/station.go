package simulation

import (
	"context"
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// Station is a base station on a pty: what the gateway opens as a serial port.
type Station struct {
	// Device is the path that the gateway opens.
	Device string

	radio *os.File // the radio's end
	line  *os.File // the gateway's end, held open so that the pty outlives a reopen
	out   chan []byte
}

// stationQueue bounds what a station holds for a gateway that does not read;
// beyond it bursts are lost, as they are on the air.
const stationQueue = 256

// NewStation opens a pty in raw mode.
func NewStation() (*Station, error) {
	radio, line, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("cannot open a pty for a base station: %w", err)
	}
	if _, err := term.MakeRaw(int(line.Fd())); err != nil {
		return nil, fmt.Errorf("cannot set %s raw: %w", line.Name(), err)
	}
	return &Station{Device: line.Name(), radio: radio, line: line, out: make(chan []byte, stationQueue)}, nil
}

// Run carries bursts to the line until ctx ends.
func (s *Station) Run(ctx context.Context) error {
	go s.drain()
	defer s.line.Close()
	defer s.radio.Close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case burst := <-s.out:
			if _, err := s.radio.Write(burst); err != nil {
				return fmt.Errorf("cannot write to the pty of a base station: %w", err)
			}
		}
	}
}

// drain swallows what the gateway sends to the radio, so that its writes never block.
func (s *Station) drain() {
	buf := make([]byte, 1024)
	for {
		if _, err := s.radio.Read(buf); err != nil {
			return
		}
	}
}

// Hear puts a burst on the line.
func (s *Station) Hear(burst []byte) {
	select {
	case s.out <- burst:
	default:
	}
}
