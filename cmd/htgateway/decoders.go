package main

import (
	"bytes"
	"errors"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/fieldjson"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/kiss"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/devices/protocol/nmea"
	"htgateway/devices/protocol/owntracks"
	"htgateway/devices/protocol/tetra"
	"htgateway/gateway/config"
)

// opening is what a decoder is made with: the topic of its messages where the
// protocol has topics, and a file of keys where it has secrets.
type opening struct{ topic, keys string }

// decoders makes a decoder for each protocol.
var decoders = map[devices.Protocol]func(o opening) (frameDecoder, error){
	devices.Kenwood: keyless(func(string) frameDecoder { return kenwood.NewDecoder() }),
	devices.NMEA:    keyless(func(string) frameDecoder { return &nmea.Decoder{} }),
	devices.APRS:    keyless(func(string) frameDecoder { return &aprs.Decoder{} }),
	devices.KISS:    keyless(func(string) frameDecoder { return &kissFrames{} }),
	devices.TETRA:   keyless(func(string) frameDecoder { return tetra.NewDecoder() }),
	devices.OwnTracks: func(o opening) (frameDecoder, error) {
		secrets, err := config.LoadPhoneSecrets(o.keys)
		return &messages{topic: o.topic, decode: owntracks.NewDecoder(secrets).Decode}, err
	},
	devices.Meshtastic: func(o opening) (frameDecoder, error) {
		keys, err := config.LoadChannelKeys(o.keys)
		return &packets{messages: messages{topic: o.topic, decode: meshtastic.NewDecoder(keys).Decode}}, err
	},
	devices.FieldJSON: keyless(func(topic string) frameDecoder { return &messages{topic: topic, decode: fieldjson.Decode} }),
}

// keyless is for a protocol without secrets.
func keyless(open func(topic string) frameDecoder) func(o opening) (frameDecoder, error) {
	return func(o opening) (frameDecoder, error) {
		if o.keys != "" {
			return nil, errors.New("this protocol has no keys")
		}
		return open(o.topic), nil
	}
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

// packets takes payloads of a mesh, JSON one a line or protobuf: a payload in
// binary may hold any byte, so that its end is the end of the input or of the line
// of hexadecimal digits.
type packets struct {
	messages
	json bool // the input is lines of JSON
}

// Whole reads one payload.
func (p *packets) Whole(frame []byte, at time.Time) []devices.Frame {
	r, err := p.decode(p.topic, frame, at)
	return []devices.Frame{{Raw: bytes.Clone(frame), Report: r, Err: err}}
}

// Feed takes bytes as they came.
func (p *packets) Feed(b []byte, at time.Time) []devices.Frame {
	if p.binary(b) {
		p.held = append(p.held, b...)
		return nil
	}
	p.json = p.json || len(b) > 0
	return p.messages.Feed(b, at)
}

// Flush reads what is left.
func (p *packets) Flush(at time.Time) []devices.Frame {
	if !p.binary(nil) {
		return p.messages.Flush(at)
	}
	whole := p.held
	p.held = nil
	return p.Whole(whole, at)
}

// binary tells whether the bytes held, or else the next ones, are protobuf.
func (p *packets) binary(next []byte) bool {
	if t, known := meshtastic.ParseTopic(p.topic); known {
		return t.Form == meshtastic.FormProtobuf
	}
	if len(p.held) > 0 {
		next = p.held
	}
	return !p.json && len(next) > 0 && next[0] != '{'
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
