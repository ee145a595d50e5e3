package tetra

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
)

// Reasons for refusing a frame.
var (
	ErrNoise      = errors.New("tetra: line is neither an indication nor an answer")
	ErrTooLong    = errors.New("tetra: line or message too long")
	ErrUnfinished = errors.New("tetra: indication without its user data")
	ErrGrammar    = errors.New("tetra: frame does not follow the protocol")
	ErrLength     = errors.New("tetra: user data is not as long as announced")
	ErrCoding     = errors.New("tetra: text coding is not known")
)

// Decoder reads the lines of one radio. It is not safe for concurrent use. The
// zero value is ready.
//
// An indication is one frame, its header line and its user data, whatever lines
// came between them. Every other line is a frame too, so that a writer of
// commands sees it: answers (OK, ERROR, +CME ERROR, +CMGS) have kind "ack" and no
// device, all else that is known (prompt, echo, other indications) kind "other".
// [ParseLine] reads their Raw.
type Decoder struct {
	cut cutter
	// pending is an indication's header that waits for its user data.
	pending []byte
}

// NewDecoder returns a decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Feed takes bytes as they came and returns the frames that they completed,
// refused ones included.
func (d *Decoder) Feed(p []byte, at time.Time) []devices.Frame {
	return d.frames(d.cut.feed(p), at)
}

// Flush ends an unfinished line: the radio has been quiet or was lost. A header
// whose user data has not come is refused, so that nobody else's can be joined
// to it.
func (d *Decoder) Flush(at time.Time) []devices.Frame {
	return d.abandon(d.frames(d.cut.end(nil, false), at), at)
}

// Decode reads one frame: an indication with its user data, on two lines or one,
// or any other line. Errors wrap [ErrNoise], [ErrTooLong], [ErrUnfinished],
// [ErrGrammar], [ErrLength], [ErrCoding] or those of packages nmea and geo; the
// report then names the device if that much could be read.
func (d *Decoder) Decode(frame []byte) (devices.Report, error) {
	return decode(frame, time.Time{})
}

// decode reads one frame heard at the given time, zero when that is not known.
func decode(frame []byte, at time.Time) (devices.Report, error) {
	r := devices.Report{Protocol: devices.TETRA, Kind: devices.KindOther, ReceivedAt: at}
	err := read(bytes.Trim(frame, "\r\n \t\x00"), &r)
	if err != nil {
		r.Fix, r.DeviceTime = nil, time.Time{}
	}
	return r, err
}

func read(frame []byte, r *devices.Report) error {
	if !bytes.HasPrefix(frame, []byte(indication)) {
		return answer(frame, r)
	}
	first, rest := frame, []byte(nil)
	if i := bytes.IndexAny(frame, "\r\n"); i >= 0 {
		first, rest = frame[:i], bytes.TrimLeft(frame[i:], "\r\n")
	}
	h, err := parseHeader(first)
	if err != nil {
		return err
	}
	h.name(r)
	if h.digits != nil {
		if len(rest) > 0 {
			return fmt.Errorf("%w: user data twice", ErrGrammar)
		}
		rest = h.digits
	}
	if len(rest) == 0 {
		return ErrUnfinished
	}
	data, err := userData(rest, h.bits)
	if err != nil {
		return err
	}
	return shortData(h.service, data, r)
}

func (d *Decoder) frames(pieces []piece, at time.Time) []devices.Frame {
	var out []devices.Frame
	for _, p := range pieces {
		out = d.line(out, p, at)
	}
	return out
}

// line takes one line of the stream.
func (d *Decoder) line(out []devices.Frame, p piece, at time.Time) []devices.Frame {
	switch begin := bytes.LastIndex(p.line, []byte(indication)); {
	case p.tooLong:
		return refuse(d.abandon(out, at), p.line, ErrTooLong, at)
	case p.sent:
		// An echo of the gateway's own user data says nothing of the pending header.
		r := devices.Report{Protocol: devices.TETRA, Kind: devices.KindOther, ReceivedAt: at, Text: string(p.line)}
		return append(out, devices.Frame{Raw: append(p.line, ctrlZ), Report: r})
	case begin > 0:
		// The end of the line before was lost, or noise stands before the header.
		out = d.line(out, piece{line: bytes.TrimRight(p.line[:begin], " ")}, at)
		return d.line(out, piece{line: p.line[begin:]}, at)
	case begin == 0:
		out = d.abandon(out, at)
		if h, err := parseHeader(p.line); err != nil || h.digits != nil {
			return append(out, frame(p.line, at))
		}
		d.pending = p.line
		return out
	case d.pending != nil && isHex(p.line):
		whole := append(append(d.pending, "\r\n"...), p.line...)
		d.pending = nil
		return append(out, frame(whole, at))
	}
	f := frame(p.line, at)
	if f.Err != nil {
		// This may have been the user data, so the next can be another's.
		out = d.abandon(out, at)
	}
	return append(out, f)
}

// abandon refuses a header whose user data did not come.
func (d *Decoder) abandon(out []devices.Frame, at time.Time) []devices.Frame {
	if d.pending == nil {
		return out
	}
	out = append(out, frame(d.pending, at))
	d.pending = nil
	return out
}

func frame(raw []byte, at time.Time) devices.Frame {
	r, err := decode(raw, at)
	return devices.Frame{Raw: raw, Report: r, Err: err}
}

func refuse(out []devices.Frame, raw []byte, err error, at time.Time) []devices.Frame {
	r := devices.Report{Protocol: devices.TETRA, Kind: devices.KindOther, ReceivedAt: at}
	return append(out, devices.Frame{Raw: raw, Report: r, Err: err})
}
