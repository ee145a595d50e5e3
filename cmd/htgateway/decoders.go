package main

import (
	"bytes"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/gateway/config"
)

// opening is what a decoder is made with: the topic of its messages where the
// protocol has topics, and a file of keys where it has secrets.
type opening struct{ topic, keys string }

// open makes a decoder of a protocol.
func (o opening) open(e protocol.Entry) (protocol.LineDecoder, error) {
	keys, err := config.LoadKeys(e.Secret, o.keys)
	switch {
	case err != nil:
		return nil, err
	case e.Messages == nil:
		return e.Line(), nil
	}
	m := messages{topic: o.topic, decode: e.Messages(keys).Decode}
	if e.Binary == nil {
		return &m, nil
	}
	return &packets{messages: m, isBinary: e.Binary}, nil
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
	isBinary func(topic string, head []byte) bool
	json     bool // the input is lines of JSON
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
	if len(p.held) > 0 {
		next = p.held
	}
	return !p.json && p.isBinary(p.topic, next)
}
