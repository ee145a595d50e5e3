package aprs

import (
	"bytes"
	"time"

	"htgateway/devices"
)

// Decoder reads packets as lines of TNC2 text, as a TNC in monitor mode prints
// them. It is not safe for concurrent use.
type Decoder struct{ held []byte }

// Feed takes bytes as they came and reads the lines that they completed.
func (d *Decoder) Feed(p []byte, at time.Time) []devices.Frame {
	var out []devices.Frame
	for {
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			d.held = append(d.held, p...)
			if len(d.held) > MaxPacket {
				out = d.line(d.held, at, out)
				d.held = d.held[:0]
			}
			return out
		}
		if len(d.held) > 0 {
			d.held = append(d.held, p[:i]...)
			out = d.line(d.held, at, out)
			d.held = d.held[:0]
		} else {
			out = d.line(p[:i], at, out)
		}
		p = p[i+1:]
	}
}

// Flush reads what is left of an unfinished line: the port has been quiet or was
// lost.
func (d *Decoder) Flush(at time.Time) []devices.Frame {
	out := d.line(d.held, at, nil)
	d.held = d.held[:0]
	return out
}

func (d *Decoder) line(b []byte, at time.Time, out []devices.Frame) []devices.Frame {
	if len(b) == 0 {
		return out
	}
	for len(b) > MaxPacket { // a frame is never kept at more than its longest
		out = append(out, devices.Frame{
			Raw: bytes.Clone(b[:MaxPacket]), Err: ErrLength,
			Report: devices.Report{Protocol: devices.APRS, Kind: devices.KindOther, ReceivedAt: at},
		})
		b = b[MaxPacket:]
	}
	out = append(out, devices.Frame{Raw: bytes.Clone(b)})
	f := &out[len(out)-1]
	var p Packet
	if p, f.Err = decode(f.Raw, at, &f.Report); f.Err == nil {
		f.Report.Said = Said(p)
	}
	return out
}
