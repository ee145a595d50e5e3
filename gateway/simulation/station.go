package simulation

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// Base is one base station of the county, as its link is configured.
type Base struct {
	// ID is the link's id, Protocol what its line speaks.
	ID, Protocol string
	// Lat and Lon are where it stands, WGS 84 degrees: invented, as the county's
	// teams are.
	Lat, Lon float64
}

// Bases lists the base stations: two that hear FleetSync from two hills, so that
// bursts come twice, one for NEXEDGE, an APRS TNC and a TETRA terminal.
func Bases() []Base {
	return []Base{
		{"pos-ciremai", "kenwood", -6.905, 108.352}, {"pos-kota", "kenwood", -6.8364, 108.2274}, {"pos-digital", "kenwood", -6.738, 108.262},
		{"pos-orari", "kiss", -6.764, 108.171}, {"pos-tetra", "tetra", -6.968, 108.262},
	}
}

// The places of the bases in [Bases].
const (
	ciremai = iota
	kota
	digital
	orari
	terminal
)

// Station is a base station on a pty: what the gateway opens as a serial port.
type Station struct {
	Base
	// Device is the path that the gateway opens.
	Device string

	radio *os.File // the radio's end
	line  *os.File // the gateway's end, held open so that the pty outlives a reopen
	out   chan []byte

	called, reference string // of the text that a TETRA terminal was last given
}

// stationQueue bounds what a station holds for a gateway that does not read;
// beyond it bursts are lost, as they are on the air.
const stationQueue = 256

// NewStation opens a pty in raw mode.
func NewStation(b Base) (*Station, error) {
	radio, line, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("cannot open a pty for a base station: %w", err)
	}
	if _, err := term.MakeRaw(int(line.Fd())); err != nil {
		return nil, fmt.Errorf("cannot set %s raw: %w", line.Name(), err)
	}
	return &Station{Base: b, Device: line.Name(), radio: radio, line: line, out: make(chan []byte, stationQueue)}, nil
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

// drain reads what the gateway sends to the radio and answers commands as the
// radio would, so that messages of the demo are delivered.
func (s *Station) drain() {
	in := bufio.NewReader(s.radio)
	var held []byte
	for {
		b, err := in.ReadByte()
		if err != nil {
			return
		}
		held = append(held, b)
		if answer, whole := s.answer(held); whole {
			held = held[:0]
			if answer != "" {
				s.Hear([]byte(answer))
			}
		}
		if len(held) > 4096 {
			held = held[:0]
		}
	}
}

// answer is what the radio says to a command, once it is whole.
func (s *Station) answer(command []byte) (string, bool) {
	last := command[len(command)-1]
	switch s.Protocol {
	case "kenwood":
		return "\x020\x03", last == 0x03
	case "tetra":
		switch {
		case last == 0x1A && len(command) > 6: // the data, after its command
			s.reference = string(command[4:6])
			return "+CMGS: 0,4,1\r\nOK\r\n+CTSDSR: 12," + s.called + ",0,1100112,0,32\r\n821000" + s.reference + "\r\n", true
		case last == '\n':
			if to, is := strings.CutPrefix(string(command), "AT+CMGS="); is {
				s.called, _, _ = strings.Cut(to, ",")
				return "\r\n> ", true
			}
			return "OK\r\n", true
		}
	}
	return "", last == 0xC0 // frames for the air; the APRS teams' radios are out of reach
}

// Hear puts a burst on the line.
func (s *Station) Hear(burst []byte) {
	select {
	case s.out <- burst:
	default:
	}
}
