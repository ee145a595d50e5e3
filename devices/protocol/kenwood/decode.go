package kenwood

import (
	"bytes"
	"time"

	"htgateway/devices"
)

// Decoder reads the bytes of one base station. It is not safe for concurrent use.
type Decoder struct {
	cut     cutter
	layouts []StatusLayout
}

// NewDecoder returns a decoder with the status layouts of a site; none means
// [DefaultStatusLayouts].
func NewDecoder(layouts ...StatusLayout) *Decoder {
	if len(layouts) == 0 {
		layouts = DefaultStatusLayouts()
	}
	return &Decoder{layouts: layouts}
}

// Feed takes bytes as they came and returns the frames that they completed,
// refused ones included.
func (d *Decoder) Feed(p []byte, at time.Time) []devices.Frame {
	return d.frames(d.cut.feed(p), at)
}

// Flush ends an unfinished frame: the line has been quiet or was lost. Bytes are
// never joined across it.
func (d *Decoder) Flush(at time.Time) []devices.Frame {
	return d.frames(d.cut.end(nil), at)
}

// Decode reads one frame, with or without its framing. Errors wrap [ErrGrammar],
// [ErrGarbled], [ErrUnfinished], [ErrNoise] or those of package nmea; the report
// then names the device if that much could be read.
func (d *Decoder) Decode(frame []byte) (devices.Report, error) {
	r := devices.Report{Protocol: devices.Kenwood, Kind: devices.KindOther}
	err := d.read(frame, &r)
	if err != nil {
		r.Fix = nil
	}
	return r, err
}

func (d *Decoder) read(frame []byte, r *devices.Report) error {
	switch {
	case len(frame) > 0 && frame[0] == '$':
		return readSentence(bytes.TrimRight(frame, "\x03\r\n "), r)
	case len(frame) > 1 && frame[0] == stx && frame[1] == '$':
		return readSentence(bytes.TrimRight(frame[1:], "\x03\r\n "), r)
	case len(frame) > 0 && frame[0] == stx:
		if frame[len(frame)-1] != etx {
			return ErrUnfinished
		}
		return readFrame(frame[1:len(frame)-1], d.layouts, r)
	}
	return ErrNoise
}

func (d *Decoder) frames(pieces [][]byte, at time.Time) []devices.Frame {
	var out []devices.Frame
	for _, p := range pieces {
		out = append(out, d.piece(p, at)...)
	}
	return out
}

// piece reads one piece of the stream. One that is refused may hide a whole
// sentence behind a cut-off start, which must not be lost with it.
func (d *Decoder) piece(p []byte, at time.Time) []devices.Frame {
	f := d.frame(p, at)
	second := bytes.LastIndexByte(p, '$')
	if f.Err == nil || second <= 0 {
		return []devices.Frame{f}
	}
	rest := d.frame(p[second:], at)
	if rest.Err != nil {
		return []devices.Frame{f}
	}
	return []devices.Frame{d.frame(p[:second], at), rest}
}

func (d *Decoder) frame(p []byte, at time.Time) devices.Frame {
	r, err := d.Decode(p)
	r.ReceivedAt = at
	return devices.Frame{Raw: p, Report: r, Err: err}
}
