package main

import (
	"bytes"
	"time"

	"htgateway/devices"
	"htgateway/devices/aprs"
	"htgateway/devices/fieldjson"
	"htgateway/devices/kenwood"
	"htgateway/devices/kiss"
	"htgateway/devices/nmea"
	"htgateway/devices/owntracks"
	"htgateway/devices/tetra"
)

// decoders makes a decoder for each protocol, for messages of one topic where
// the protocol has topics.
var decoders = map[devices.Protocol]func(topic string) frameDecoder{
	devices.Kenwood:   func(string) frameDecoder { return kenwood.NewDecoder() },
	devices.NMEA:      func(string) frameDecoder { return &nmea.Decoder{} },
	devices.APRS:      func(string) frameDecoder { return &aprs.Decoder{} },
	devices.KISS:      func(string) frameDecoder { return &kissFrames{} },
	devices.TETRA:     func(string) frameDecoder { return tetra.NewDecoder() },
	devices.OwnTracks: func(topic string) frameDecoder { return &messages{topic: topic, decode: owntracks.Decode} },
	devices.FieldJSON: func(topic string) frameDecoder { return &messages{topic: topic, decode: fieldjson.Decode} },
}

// messages takes payloads of one topic, one a line: a broker delivers them whole,
// so there is nothing to cut but the lines of a file.
type messages struct {
	topic  string
	decode func(topic string, payload []byte, at time.Time) (devices.Report, error)
	held   []byte
}

// Feed takes bytes as they came and reads the lines that they completed.
func (m *messages) Feed(p []byte, at time.Time) []devices.Frame {
	m.held = append(m.held, p...)
	var out []devices.Frame
	for {
		line, rest, whole := bytes.Cut(m.held, []byte("\n"))
		if !whole {
			return out
		}
		m.held = rest
		out = append(out, m.read(line, at)...)
	}
}

// Flush reads the last line.
func (m *messages) Flush(at time.Time) []devices.Frame {
	line := m.held
	m.held = nil
	return m.read(line, at)
}

func (m *messages) read(line []byte, at time.Time) []devices.Frame {
	line = bytes.Clone(bytes.TrimSpace(line))
	if len(line) == 0 {
		return nil
	}
	r, err := m.decode(m.topic, line, at)
	return []devices.Frame{{Raw: line, Report: r, Err: err}}
}

// kissFrames is a KISS decoder that also takes frames without their FENDs where
// the borders are known otherwise: a line of a file.
type kissFrames struct{ kiss.Decoder }

// Whole reads one frame.
func (k *kissFrames) Whole(frame []byte, at time.Time) []devices.Frame {
	if bytes.IndexByte(frame, 0xC0) >= 0 {
		return append(k.Feed(frame, at), k.Flush(at)...)
	}
	r, err := kiss.Decode(frame, at)
	return []devices.Frame{{Raw: bytes.Clone(frame), Report: r, Err: err}}
}
