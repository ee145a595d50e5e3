package ax25

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Sizes in bytes: an address, the most digipeaters of a path, and the longest
// information field of a UI frame on the air (with room for TNCs that allow more).
const (
	addressLength  = 7
	maxDigipeaters = 8
	MaxInfo        = 1024
)

// callLetters are what a call sign may hold.
const callLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// Control and protocol bytes of a UI frame without layer 3.
const (
	ControlUI   = 0x03
	pollOrFinal = 0x10
	NoLayer3    = 0xF0
)

// Reasons for refusing a frame or an address.
var (
	ErrShort   = errors.New("ax25: frame too short")
	ErrAddress = errors.New("ax25: address not possible")
	ErrPath    = errors.New("ax25: more than eight digipeaters")
	ErrLength  = errors.New("ax25: information too long")
)

// Address is a call sign with SSID 0 to 15.
type Address struct {
	Call string
	SSID int
	// Repeated is the H bit of a digipeater that has sent the frame on.
	Repeated bool
}

// String is the address as TNC2 text, without the mark of a repeater.
func (a Address) String() string {
	if a.SSID == 0 {
		return a.Call
	}
	return a.Call + "-" + strconv.Itoa(a.SSID)
}

// ParseAddress reads "YB1ZZZ-9". Errors wrap [ErrAddress].
func ParseAddress(s string) (Address, error) {
	call, ssid, has := strings.Cut(s, "-")
	a := Address{Call: call}
	if has {
		n, err := strconv.Atoi(ssid)
		if err != nil || n < 0 || n > 15 {
			return a, fmt.Errorf("%w: SSID of %q", ErrAddress, s)
		}
		a.SSID = n
	}
	if len(call) < 1 || len(call) > 6 || strings.Trim(call, callLetters) != "" {
		return a, fmt.Errorf("%w: %q", ErrAddress, s)
	}
	return a, nil
}

// Frame is one frame taken apart.
type Frame struct {
	Destination, Source Address
	Path                []Address
	Control, PID        byte
	// Info is the information field; nil when the frame has none.
	Info []byte
}

// IsUI tells whether the frame is an unnumbered information frame without layer 3,
// which is what APRS uses.
func (f *Frame) IsUI() bool { return f.Control&^pollOrFinal == ControlUI && f.PID == NoLayer3 }

// Parse takes a frame apart; Info shares b's memory. Errors: [ErrShort],
// [ErrAddress], [ErrPath], [ErrLength].
func Parse(b []byte) (Frame, error) {
	var f Frame
	if len(b) < 2*addressLength+1 {
		return f, fmt.Errorf("%w: %d bytes", ErrShort, len(b))
	}
	var err error
	if f.Destination, err = address(b); err != nil {
		return f, err
	}
	b = b[addressLength:]
	if f.Source, err = address(b); err != nil {
		return f, err
	}
	f.Destination.Repeated, f.Source.Repeated = false, false // there it is the C bit
	for !last(b) {
		b = b[addressLength:]
		if len(f.Path) == maxDigipeaters {
			return f, ErrPath
		}
		if len(b) < addressLength {
			return f, fmt.Errorf("%w: path cut off", ErrShort)
		}
		hop, err := address(b)
		if err != nil {
			return f, err
		}
		f.Path = append(f.Path, hop)
	}
	b = b[addressLength:]
	if len(b) == 0 {
		return f, fmt.Errorf("%w: no control byte", ErrShort)
	}
	f.Control, b = b[0], b[1:]
	if f.Control&1 == 0 || f.Control&^pollOrFinal == ControlUI {
		if len(b) == 0 {
			return f, fmt.Errorf("%w: no protocol byte", ErrShort)
		}
		f.PID, b = b[0], b[1:]
	}
	if len(b) > MaxInfo {
		return f, fmt.Errorf("%w: %d bytes", ErrLength, len(b))
	}
	f.Info = b
	return f, nil
}

// last tells whether the address at the start of b ends the address field.
func last(b []byte) bool { return b[addressLength-1]&1 == 1 }

// address reads six characters shifted left and the SSID byte.
func address(b []byte) (Address, error) {
	var call [addressLength - 1]byte
	for i := range call {
		c := b[i] >> 1
		if b[i]&1 != 0 || c != ' ' && strings.IndexByte(callLetters, c) < 0 {
			return Address{}, fmt.Errorf("%w: % x", ErrAddress, b[:addressLength])
		}
		call[i] = c
	}
	text := bytes.TrimRight(call[:], " ")
	if len(text) == 0 || bytes.IndexByte(text, ' ') >= 0 {
		return Address{}, fmt.Errorf("%w: % x", ErrAddress, b[:addressLength])
	}
	ssid := b[addressLength-1]
	return Address{Call: string(text), SSID: int(ssid >> 1 & 0x0f), Repeated: ssid&0x80 != 0}, nil
}

// Append puts the frame's bytes after b.
func (f *Frame) Append(b []byte) []byte {
	const command, reserved = 0x80, 0x60
	b = appendAddress(b, f.Destination, command|reserved)
	b = appendAddress(b, f.Source, reserved)
	for _, hop := range f.Path {
		flags := byte(reserved)
		if hop.Repeated {
			flags |= 0x80
		}
		b = appendAddress(b, hop, flags)
	}
	b[len(b)-1] |= 1
	return append(append(b, f.Control, f.PID), f.Info...)
}

func appendAddress(b []byte, a Address, flags byte) []byte {
	for i := range addressLength - 1 {
		c := byte(' ')
		if i < len(a.Call) {
			c = a.Call[i]
		}
		b = append(b, c<<1)
	}
	return append(b, flags|byte(a.SSID&15)<<1)
}
