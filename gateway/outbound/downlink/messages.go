package downlink

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/devices/protocol/owntracks"
)

// Messages is the dialect of links that carry messages on topics: brokers, and the
// posts of phones in HTTP mode.
func Messages(m meshtastic.Mesh) Dialect {
	return messageDialect{mesh: m, retries: RetryPolicy{Wait: 2 * time.Minute, Retry: 5 * time.Second, Grow: 1, Attempts: 2}}
}

// Posts is the dialect of phones in HTTP mode, which fetch commands when they post.
func Posts() Dialect {
	return messageDialect{retries: RetryPolicy{Wait: 2 * time.Minute, Retry: time.Second, Grow: 1, Attempts: 1}}
}

type messageDialect struct {
	mesh    meshtastic.Mesh
	retries RetryPolicy
}

func (d messageDialect) Serves(family string) bool {
	return family == "owntracks" || family == "meshtastic" && d.mesh.Root != ""
}

// Carries tells which orders reach a family: OwnTracks shows no texts, and a mesh
// node takes no request for its position over JSON.
func (d messageDialect) Carries(family string, poll bool) bool {
	return d.Serves(family) && poll == (family == "owntracks")
}

func (d messageDialect) RetryPolicy() RetryPolicy { return d.retries }

// Unanswered tells which orders nothing answers: "sent" is then all that is known.
func (messageDialect) Unanswered(o Order) bool {
	return o.Region != nil || o.Device.Family() == "meshtastic"
}

func (d messageDialect) Compose(o Order) ([][]byte, error) {
	topic, payload, err := d.message(o)
	if err == nil && len(topic) > math.MaxUint16 {
		err = fmt.Errorf("a topic of %d bytes is longer than MQTT carries", len(topic))
	}
	if err != nil {
		return nil, err
	}
	return publication(topic, payload), nil
}

func (d messageDialect) message(o Order) (topic string, payload []byte, err error) {
	if o.Device.Family() == "meshtastic" {
		to, err := meshtastic.ParseNode(o.address())
		if err != nil {
			return "", nil, err
		}
		payload, err = meshtastic.Text(d.mesh.Node, to, o.Text)
		return meshtastic.DownlinkTopic(d.mesh.Root), payload, err
	}
	if topic, err = owntracks.CommandTopic(o.Device); err != nil {
		return "", nil, err
	}
	switch {
	case o.Region != nil && o.Drop:
		payload, err = owntracks.DropWaypoint(*o.Region)
	case o.Region != nil:
		payload, err = owntracks.SetWaypoints(*o.Region)
	case o.Poll:
		payload = owntracks.ReportLocation()
	default:
		err = errors.New("a phone with OwnTracks shows no texts")
	}
	return topic, payload, err
}

// Answers: the phone's next fresh position answers a poll. What it had queued while
// it was offline, or what the broker kept, is no answer.
func (messageDialect) Answers(r *devices.Report, o Order) Verdict {
	if o.Poll && r.Device == o.Device && r.HasLiveFix() && !r.Retained && !r.Queued {
		return Delivered
	}
	return NotAboutIt
}

// publication is a topic and a payload as one step's bytes, the way MQTT writes them
// in a packet: the topic's length in two bytes, the topic, the payload.
func publication(topic string, payload []byte) [][]byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(topic)))
	return [][]byte{append(append(b, topic...), payload...)}
}

// Publisher is a [Writer] for links that carry messages on topics.
type Publisher func(ctx context.Context, topic string, payload []byte) error

// Write publishes one step of a message dialect.
func (p Publisher) Write(ctx context.Context, b []byte) error {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return fmt.Errorf("no publication in %d bytes", len(b))
	}
	n := 2 + int(binary.BigEndian.Uint16(b))
	return p(ctx, string(b[2:n]), bytes.Clone(b[n:]))
}
