package meshtastic

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a protobuf message; its value is in number or bytes by its
// wire type.
type field struct {
	id     protowire.Number
	wire   protowire.Type
	number uint64
	bytes  []byte
}

// eachField calls take with every field of a message. Unknown fields come too and
// are for take to leave out, so that newer firmware is still read.
func eachField(message []byte, take func(f field) error) error {
	for len(message) > 0 {
		id, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrProtobuf, protowire.ParseError(n))
		}
		message = message[n:]
		f := field{id: id, wire: wire}
		switch wire {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(message)
			f.number = uint64(v)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(id, wire, message)
		}
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrProtobuf, protowire.ParseError(n))
		}
		message = message[n:]
		if err := take(f); err != nil {
			return err
		}
	}
	return nil
}

// is tells whether the field has this number, and refuses another wire type than
// its definition has.
func (f field) is(id protowire.Number, wire protowire.Type) (bool, error) {
	if f.id != id {
		return false, nil
	}
	if f.wire != wire {
		return false, fmt.Errorf("%w: field %d has wire type %d, not %d", ErrProtobuf, f.id, f.wire, wire)
	}
	return true, nil
}

// table takes the fields of one message to where they belong.
type table map[protowire.Number]slot

// slot is a field's wire type and what to do with it.
type slot struct {
	wire protowire.Type
	take func(f field)
}

func (t table) read(message []byte) error {
	return eachField(message, func(f field) error {
		s, known := t[f.id]
		if !known {
			return nil
		}
		if _, err := f.is(f.id, s.wire); err != nil {
			return err
		}
		s.take(f)
		return nil
	})
}

func fixed32(into *uint32) slot {
	return slot{protowire.Fixed32Type, func(f field) { *into = uint32(f.number) }}
}

func varint(into *uint64) slot {
	return slot{protowire.VarintType, func(f field) { *into = f.number }}
}

func blob(into *[]byte) slot {
	return slot{protowire.BytesType, func(f field) { *into = f.bytes }}
}

// signed is an int32, written as a varint of 64 bits; optional.
func signed(into **float64) slot {
	return slot{protowire.VarintType, func(f field) { v := float64(int32(f.number)); *into = &v }}
}

// unsigned is a uint32, optional.
func unsigned(into **float64) slot {
	return slot{protowire.VarintType, func(f field) { v := float64(uint32(f.number)); *into = &v }}
}

// sfixed32 is optional.
func sfixed32(into **float64) slot {
	return slot{protowire.Fixed32Type, func(f field) { v := float64(int32(f.number)); *into = &v }}
}

// Port numbers (portnums.proto).
const (
	portText      = 1
	portPosition  = 3
	portNodeInfo  = 4
	portAlert     = 11 // a text that rings
	portTelemetry = 67
	portMax       = 511
)

// readEnvelope reads a ServiceEnvelope (mqtt.proto), with the keys of encrypted
// channels by name.
func (p *packet) readEnvelope(body []byte, keys map[string]Key) error {
	var mesh, channel, gateway []byte
	p.said = other{}
	if err := (table{1: blob(&mesh), 2: blob(&channel), 3: blob(&gateway)}).read(body); err != nil {
		return err
	}
	if mesh == nil {
		return fmt.Errorf("%w: no packet in the envelope", ErrProtobuf)
	}
	p.gateway = string(gateway)
	// MeshPacket (mesh.proto).
	var (
		decoded, encrypted []byte
		rssi               uint64
		pki                uint64
	)
	err := table{
		1: fixed32((*uint32)(&p.from)), 2: fixed32((*uint32)(&p.to)), 4: blob(&decoded), 5: blob(&encrypted),
		6: fixed32(&p.id), 7: fixed32(&p.heardAt), 12: varint(&rssi), 17: varint(&pki),
	}.read(mesh)
	if err != nil {
		return err
	}
	p.rssi = int32(rssi)
	switch {
	case decoded != nil:
	case encrypted == nil:
		return nil // a packet without content
	case pki != 0 || string(channel) == "PKI":
		return fmt.Errorf("%w for one node's own key", ErrEncrypted)
	default:
		key, known := keys[string(channel)]
		if !known {
			return fmt.Errorf("%w and no key of channel %.16q is configured", ErrEncrypted, channel)
		}
		if decoded, err = key.open(encrypted, p.from, p.id); err != nil {
			return err
		}
		if err := p.readData(decoded); err != nil {
			return fmt.Errorf("%w, and the key of channel %.16q does not open it", ErrEncrypted, channel)
		}
		return nil
	}
	return p.readData(decoded)
}

// readData reads a Data message (mesh.proto).
func (p *packet) readData(data []byte) error {
	var (
		port    uint64
		payload []byte
	)
	if err := (table{1: varint(&port), 2: blob(&payload)}).read(data); err != nil {
		return err
	}
	if port > portMax || len(data) > 0 && port == 0 {
		return fmt.Errorf("%w: port %d", ErrProtobuf, port)
	}
	switch port {
	case portText, portAlert:
		p.said = text(payload)
		return nil
	case portPosition:
		return p.readProtoPosition(payload)
	case portNodeInfo:
		var long, short []byte
		err := table{2: blob(&long), 3: blob(&short)}.read(payload)
		p.said = nodeInfo{string(long), string(short)}
		return err
	case portTelemetry:
		return p.readProtoTelemetry(payload)
	}
	return nil
}

// readProtoPosition reads a Position (mesh.proto).
func (p *packet) readProtoPosition(payload []byte) error {
	var (
		s         position
		precision uint64
	)
	err := table{
		1: sfixed32(&s.latitude), 2: sfixed32(&s.longitude), 3: signed(&s.altitude), 4: fixed32(&s.time),
		7: fixed32(&s.timestamp), 15: unsigned(&s.groundSpeed), 16: unsigned(&s.groundTrack), 23: varint(&precision),
	}.read(payload)
	if precision > math.MaxUint32 {
		precision = fullPrecision
	}
	s.precisionBits = uint32(precision)
	p.said = s
	return err
}

// readProtoTelemetry reads a Telemetry (telemetry.proto), of which only the device's
// own metrics tell of its battery.
func (p *packet) readProtoTelemetry(payload []byte) error {
	var (
		t      telemetry
		device []byte
		volts  uint32
	)
	if err := (table{1: fixed32(&t.measuredAt), 2: blob(&device)}).read(payload); err != nil {
		return err
	}
	err := table{1: unsigned(&t.batteryPct), 2: fixed32(&volts)}.read(device)
	t.voltage = float64(math.Float32frombits(volts))
	p.said = t
	return err
}
