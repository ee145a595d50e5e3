package kiss

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/ax25"
)

// The framing bytes.
const (
	fend  = 0xC0
	fesc  = 0xDB
	tfend = 0xDC
	tfesc = 0xDD
)

// maxFrame is the longest frame that is kept, in bytes as sent.
const maxFrame = 2048

// dataCommand is the low half of the type byte of a frame from the air; other
// commands are answers of the TNC itself.
const dataCommand = 0x0

// Reasons for refusing a frame.
var (
	ErrEscape     = errors.New("kiss: escape not possible")
	ErrLength     = errors.New("kiss: frame too long")
	ErrUnfinished = errors.New("kiss: frame unfinished")
	ErrNoise      = errors.New("kiss: bytes outside a frame")
)

// Decoder reads the bytes of one TNC. It is not safe for concurrent use.
type Decoder struct {
	held []byte
	// inside is set from the first FEND on: what came before is no frame.
	inside bool
}

// Feed takes bytes as they came and returns the frames that they completed,
// refused ones included.
func (d *Decoder) Feed(p []byte, at time.Time) []devices.Frame {
	var out []devices.Frame
	for len(p) > 0 {
		end := bytes.IndexByte(p, fend)
		whole := end >= 0
		piece := p
		if whole {
			piece, p = p[:end], p[end+1:]
		} else {
			p = nil
		}
		for len(d.held)+len(piece) > maxFrame {
			n := maxFrame - len(d.held)
			d.held = append(d.held, piece[:n]...)
			piece = piece[n:]
			out = d.end(ErrLength, at, out)
			d.inside = false // the rest of it is noise until the next FEND
		}
		if !whole {
			d.held = append(d.held, piece...)
			return out
		}
		d.held = append(d.held, piece...)
		out = d.end(nil, at, out)
		d.inside = true
	}
	return out
}

// Flush ends an unfinished frame: the line has been quiet or was lost. Bytes are
// never joined across it.
func (d *Decoder) Flush(at time.Time) []devices.Frame {
	out := d.end(ErrUnfinished, at, nil)
	d.inside = false
	return out
}

// end closes what is held; why is the reason to refuse it, nil when a FEND ended it.
func (d *Decoder) end(why error, at time.Time, out []devices.Frame) []devices.Frame {
	if len(d.held) == 0 {
		return out
	}
	raw := bytes.Clone(d.held)
	d.held = d.held[:0]
	f := devices.Frame{Raw: raw, Report: devices.Report{Protocol: devices.KISS, Kind: devices.KindOther, ReceivedAt: at}}
	switch {
	case !d.inside && why == nil:
		f.Err = fmt.Errorf("%w: %d bytes", ErrNoise, len(raw))
	case why != nil:
		f.Err = why
	default:
		f.Err = read(raw, &f.Report)
	}
	return append(out, f)
}

// Decode reads one frame whose borders are known: with its FENDs, without them, or
// as the bare AX.25 frame that some programs store. Errors wrap the reasons above
// and those of packages ax25 and aprs.
func Decode(frame []byte, at time.Time) (devices.Report, error) {
	r := devices.Report{Protocol: devices.KISS, Kind: devices.KindOther, ReceivedAt: at}
	if len(frame) > 0 && frame[0] != fend {
		if f, err := ax25.Parse(frame); err == nil {
			err = readFrame(f, &r)
			return r, err
		}
	}
	err := read(bytes.Trim(frame, "\xC0"), &r)
	return r, err
}

// Whole reads one frame that may lack its FENDs, where the borders are known
// otherwise: a line of a file.
func (d *Decoder) Whole(frame []byte, at time.Time) []devices.Frame {
	if bytes.IndexByte(frame, fend) >= 0 {
		return append(d.Feed(frame, at), d.Flush(at)...)
	}
	r, err := Decode(frame, at)
	return []devices.Frame{{Raw: bytes.Clone(frame), Report: r, Err: err}}
}

// read reads the bytes between two FENDs.
func read(b []byte, r *devices.Report) error {
	payload, err := unescape(b)
	if err != nil {
		return err
	}
	if len(payload) == 0 || payload[0]&0x0f != dataCommand {
		return nil
	}
	f, err := ax25.Parse(payload[1:])
	if f.Source.Call != "" {
		r.Device = devices.Identity("aprs:" + f.Source.String())
	}
	if err != nil {
		return err
	}
	return readFrame(f, r)
}

func readFrame(f ax25.Frame, r *devices.Report) error {
	r.Device = devices.Identity("aprs:" + f.Source.String())
	if !f.IsUI() {
		return nil // connected mode and other protocols pass by
	}
	p := aprs.Packet{Source: []byte(f.Source.String()), Destination: []byte(f.Destination.String()), Info: f.Info}
	r.Said = aprs.Said(p)
	return aprs.Read(p, r)
}

// unescape puts the bytes back that stood for framing bytes.
func unescape(b []byte) ([]byte, error) {
	if bytes.IndexByte(b, fesc) < 0 {
		return b, nil
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != fesc {
			out = append(out, b[i])
			continue
		}
		i++
		switch {
		case i < len(b) && b[i] == tfend:
			out = append(out, fend)
		case i < len(b) && b[i] == tfesc:
			out = append(out, fesc)
		default:
			return nil, ErrEscape
		}
	}
	return out, nil
}

// Encode frames an AX.25 frame for the TNC's port 0 to 15.
func Encode(port int, frame []byte) []byte {
	out := make([]byte, 0, len(frame)+8)
	out = append(out, fend)
	out = appendEscaped(out, byte(port&15)<<4|dataCommand)
	for _, c := range frame {
		out = appendEscaped(out, c)
	}
	return append(out, fend)
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case fend:
		return append(b, fesc, tfend)
	case fesc:
		return append(b, fesc, tfesc)
	}
	return append(b, c)
}
