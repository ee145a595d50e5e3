package meshtastic

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
)

// MaxPayload is the largest payload that is read, in bytes; MaxText the longest
// text that is kept, in characters.
const (
	MaxPayload = 64 << 10
	MaxText    = 1000
)

// Reasons for refusing a payload.
var (
	ErrTooLarge  = errors.New("meshtastic: payload over 64 KiB")
	ErrTopic     = errors.New("meshtastic: not a topic of a gateway node")
	ErrNotJSON   = errors.New("meshtastic: payload is not a packet in JSON")
	ErrProtobuf  = errors.New("meshtastic: payload is not a packet in protobuf")
	ErrSender    = errors.New("meshtastic: packet without a sender")
	ErrRange     = errors.New("meshtastic: value out of its range")
	ErrNoFix     = errors.New("meshtastic: position without a fix")
	ErrOutbound  = errors.New("meshtastic: a packet for the mesh, not from it")
	ErrStat      = errors.New("meshtastic: neither online nor offline")
	ErrEncrypted = errors.New("meshtastic: packet is encrypted")
)

// Decoder reads publications; its keys open the packets of encrypted channels.
// It keeps no state and is safe for concurrent use.
type Decoder struct{ keys map[string]Key }

// NewDecoder returns a decoder that knows the keys of these channels, by name.
func NewDecoder(keys map[string]Key) *Decoder { return &Decoder{keys: keys} }

// Decode reads one publication. The sender is the packet's from, never the
// gateway node at the end of the topic. Without a topic, JSON is known by its
// brace and the rest is taken for protobuf. at is when it was received, UTC.
func (d *Decoder) Decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	r := devices.Report{Protocol: devices.Meshtastic, Kind: devices.KindOther, ReceivedAt: at}
	if len(body) > MaxPayload {
		return r, ErrTooLarge
	}
	var t Topic
	switch {
	case topic != "":
		var ok bool
		if t, ok = ParseTopic(topic); !ok {
			return r, ErrTopic
		}
	case len(body) > 0 && body[0] == '{': // an envelope in protobuf begins with a line feed
		t.Form = FormJSON
	default:
		t.Form = FormProtobuf
	}
	var (
		p   packet
		err error
	)
	switch t.Form {
	case FormStat:
		return r, stat(&r, t, body)
	case FormJSON:
		err = p.readJSON(body)
	case FormProtobuf:
		err = p.readEnvelope(body, d.keys)
	}
	// The sender is named even when the rest is refused, so that the log can tell.
	p.sender(&r, t)
	if err == nil {
		err = p.fill(&r)
	}
	if err != nil {
		r.Fix = nil
	}
	return r, err
}

// stat reads a gateway node's own presence: one word in plain text, "offline"
// being its last will.
func stat(r *devices.Report, t Topic, body []byte) error {
	if _, err := ParseNode(t.Gateway); err != nil {
		return ErrTopic
	}
	r.Device = devices.Identity("meshtastic:" + t.Gateway)
	switch word := string(bytes.TrimSpace(body)); word {
	case "online":
		r.Presence = &devices.Presence{Online: true}
	case "offline":
		r.Presence = &devices.Presence{Offline: true}
	default:
		return fmt.Errorf("%w: %.20q", ErrStat, word)
	}
	return nil
}
