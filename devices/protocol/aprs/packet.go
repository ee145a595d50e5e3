package aprs

import (
	"bytes"
	"errors"
	"time"

	"htgateway/devices"
)

// MaxPacket is the longest packet that is read, in bytes of TNC2 text: 256 of
// information and a path of nine addresses fit several times.
const MaxPacket = 1024

// Reasons for refusing a packet.
var (
	ErrHeader      = errors.New("aprs: no SOURCE>DESTINATION,PATH: header")
	ErrCall        = errors.New("aprs: call sign not possible")
	ErrLength      = errors.New("aprs: packet too long")
	ErrShort       = errors.New("aprs: packet too short for its type")
	ErrPosition    = errors.New("aprs: position not readable")
	ErrSymbol      = errors.New("aprs: symbol table not known")
	ErrMicE        = errors.New("aprs: Mic-E fields out of their range")
	ErrObject      = errors.New("aprs: object or item not readable")
	ErrMessage     = errors.New("aprs: message not readable")
	ErrTelemetry   = errors.New("aprs: telemetry not readable")
	ErrWeather     = errors.New("aprs: weather report not readable")
	ErrSentence    = errors.New("aprs: NMEA sentence not usable")
	ErrUnsupported = errors.New("aprs: packet type not supported")
)

// Packet is one UI frame's content, however it travelled.
type Packet struct {
	// Source and Destination are call signs with SSID ("YB1ZZZ-9").
	Source, Destination []byte
	// Info is the information field, without trailing line end.
	Info []byte
}

// Split cuts TNC2 text (SOURCE>DESTINATION,PATH:information) into its parts and
// checks the addresses. Errors wrap [ErrHeader] or [ErrCall].
func Split(text []byte) (Packet, error) {
	header, info, found := cut(text, ':')
	if !found {
		return Packet{}, ErrHeader
	}
	source, path, found := cut(header, '>')
	if !found {
		return Packet{}, ErrHeader
	}
	p := Packet{Source: source, Info: info}
	if !isCall(source) {
		return p, refuse(ErrCall, "source", source)
	}
	p.Destination, path, found = cut(path, ',')
	if !isAX25Call(p.Destination) {
		return p, refuse(ErrCall, "destination", p.Destination)
	}
	igated := false
	for found {
		var hop []byte
		hop, path, found = cut(path, ',')
		call := hop
		if n := len(call); n > 0 && call[n-1] == '*' {
			call = call[:n-1]
		}
		switch {
		case isCall(call):
			igated = igated || len(call) == 3 && call[0] == 'q'
		case !igated || !isIPv6(hop):
			return p, refuse(ErrCall, "path", hop)
		}
	}
	return p, nil
}

// cut is bytes.Cut at one byte.
func cut(b []byte, at byte) (before, after []byte, found bool) {
	if i := bytes.IndexByte(b, at); i >= 0 {
		return b[:i], b[i+1:], true
	}
	return b, nil, false
}

// trimEnd takes off line ends.
func trimEnd(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// isCall tells whether b is a call sign as APRS-IS lets it pass: one to nine
// letters, digits and hyphens.
func isCall(b []byte) bool {
	if len(b) < 1 || len(b) > 9 {
		return false
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// isAX25Call tells whether b fits an AX.25 address: six capitals or digits and
// an SSID of 0 to 15.
func isAX25Call(b []byte) bool {
	for i, c := range b {
		switch {
		case c == '-':
			n, ok := number(b[i+1:])
			return i >= 1 && ok && len(b) <= i+3 && n <= 15
		case i == 6 || !isCapital(c) && !isDigit(c):
			return false
		}
	}
	return len(b) > 0
}

// isIPv6 tells whether b is the address that an igate may append, 32 digits.
func isIPv6(b []byte) bool {
	if len(b) != 32 {
		return false
	}
	for _, c := range b {
		if !isDigit(c) && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c-'0' < 10 }

func isCapital(c byte) bool { return c-'A' < 26 }

func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

// number reads decimal digits; it fails on anything else and on none.
func number(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if !isDigit(c) || n > 1e8 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0
}

// decode reads one packet as TNC2 text into r, and returns its parts. Packets that say
// nothing of a position, a status or a message (telemetry, weather, capabilities,
// queries) are of [devices.KindOther]. at places time stamps without a date; a zero at
// leaves them out. Errors wrap the reasons above and those of [geo.CheckPoint].
func decode(text []byte, at time.Time, r *devices.Report) (Packet, error) {
	r.Protocol, r.Kind, r.ReceivedAt = devices.APRS, devices.KindOther, at
	if len(text) > MaxPacket {
		return Packet{}, ErrLength
	}
	p, err := Split(trimEnd(text))
	if err == nil || isCall(p.Source) {
		r.Device = identity(p.Source)
	}
	if err == nil {
		err = read(p, r, 0)
	}
	if err != nil {
		r.Fix = nil
	}
	return p, err
}

// Read reads a packet whose frame is already taken apart into r, which holds its
// protocol and receive time. Errors wrap the reasons above and those of
// [geo.CheckPoint].
func Read(p Packet, r *devices.Report) error {
	r.Kind = devices.KindOther
	r.Device = identity(p.Source)
	p.Info = trimEnd(p.Info)
	err := read(p, r, 0)
	if err != nil {
		r.Fix = nil
	}
	return err
}

func identity(call []byte) devices.Identity { return devices.Identity("aprs:" + string(call)) }

// Said is what a packet says whatever way it travelled: source, destination and
// information, without the path.
func Said(p Packet) []byte {
	said := make([]byte, 0, len(p.Source)+len(p.Destination)+len(p.Info)+2)
	said = append(append(said, p.Source...), '>')
	said = append(append(said, p.Destination...), ':')
	return append(said, p.Info...)
}
