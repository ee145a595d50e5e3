package meshtastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"htgateway/devices"
)

// envelope is a packet in JSON. Before firmware 2.2.0 the addresses are signed
// (everybody is -1), since then unsigned; both end in the same 32 bits.
type envelope struct {
	ID        json.Number     `json:"id"`
	From      json.Number     `json:"from"`
	To        json.Number     `json:"to"`
	Type      string          `json:"type"`
	Sender    string          `json:"sender"`
	Timestamp json.Number     `json:"timestamp"`
	RSSI      float64         `json:"rssi"`
	Payload   json.RawMessage `json:"payload"`
}

func (p *packet) readJSON(body []byte) error {
	if err := devices.CheckDepth(body); err != nil {
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	for _, f := range []struct {
		name   string
		number json.Number
		into   *uint32
	}{{"from", e.From, (*uint32)(&p.from)}, {"to", e.To, (*uint32)(&p.to)}, {"id", e.ID, &p.id}, {"timestamp", e.Timestamp, &p.heardAt}} {
		v, err := bits32(f.number)
		if err != nil {
			return fmt.Errorf("%w: %s %q", ErrRange, f.name, f.number)
		}
		*f.into = v
	}
	p.gateway = e.Sender
	if e.RSSI > -200 && e.RSSI < 0 {
		p.rssi = int32(e.RSSI)
	}
	return p.readPayload(e.Type, e.Payload)
}

// bits32 reads a whole number of 32 bits, signed or unsigned; empty is 0.
func bits32(n json.Number) (uint32, error) {
	if n == "" {
		return 0, nil
	}
	v, err := n.Int64()
	if err != nil || v < math.MinInt32 || v > math.MaxUint32 {
		return 0, ErrRange
	}
	return uint32(v & 0xffffffff), nil
}

func (p *packet) readPayload(kind string, payload json.RawMessage) error {
	p.said = other{}
	switch kind {
	case "text":
		if payload == nil {
			return fmt.Errorf("%w: text without payload", ErrNotJSON)
		}
		p.said = words(payload)
	case "position":
		return p.readPosition(payload)
	case "telemetry":
		var t struct {
			Battery *float64 `json:"battery_level"`
			Voltage float64  `json:"voltage"`
		}
		err := decodeObject(payload, &t)
		p.said = telemetry{batteryPct: t.Battery, voltage: t.Voltage}
		return err
	case "nodeinfo":
		var n struct {
			LongName  string `json:"longname"`
			ShortName string `json:"shortname"`
		}
		err := decodeObject(payload, &n)
		p.said = nodeInfo{n.LongName, n.ShortName}
		return err
	case "sendtext", "sendposition":
		return ErrOutbound
	}
	return nil
}

// words is what was typed. The firmware parses a text as JSON and, when that goes
// well, passes on the value in place of {"text": …}: a typed 3 comes as a number,
// true as a boolean, "x" as a string, {"s":3} as an object.
func words(payload json.RawMessage) text {
	var s string
	if json.Unmarshal(payload, &s) == nil && payload[0] == '"' {
		return text(s)
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) == nil && len(fields) == 1 && len(fields["text"]) > 0 && fields["text"][0] == '"' {
		if json.Unmarshal(fields["text"], &s) == nil {
			return text(s)
		}
	}
	var typed bytes.Buffer
	if json.Compact(&typed, payload) != nil {
		return text(payload)
	}
	return text(typed.String())
}

func (p *packet) readPosition(payload json.RawMessage) error {
	var f struct {
		Latitude  *float64    `json:"latitude_i"`
		Longitude *float64    `json:"longitude_i"`
		Altitude  *float64    `json:"altitude"`
		Speed     *float64    `json:"ground_speed"`
		Track     *float64    `json:"ground_track"`
		Time      json.Number `json:"time"`
		Timestamp json.Number `json:"timestamp"`
		Precision json.Number `json:"precision_bits"`
	}
	s := position{}
	p.said = s
	if err := decodeObject(payload, &f); err != nil {
		return err
	}
	s.latitude, s.longitude, s.altitude, s.groundSpeed, s.groundTrack = f.Latitude, f.Longitude, f.Altitude, f.Speed, f.Track
	for _, n := range []struct {
		name   string
		number json.Number
		into   *uint32
	}{{"time", f.Time, &s.time}, {"timestamp", f.Timestamp, &s.timestamp}, {"precision_bits", f.Precision, &s.precisionBits}} {
		v, err := bits32(n.number)
		if err != nil {
			return fmt.Errorf("%w: %s %q", ErrRange, n.name, n.number)
		}
		*n.into = v
	}
	p.said = s
	return nil
}

func decodeObject(payload json.RawMessage, into any) error {
	if len(payload) == 0 || payload[0] != '{' {
		return fmt.Errorf("%w: payload is no object", ErrNotJSON)
	}
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	return nil
}
