package protocol

import (
	"slices"
	"strings"
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
)

// catalogue is every protocol. Only here is there a list of them. The speeds are those
// of each maker's documents, see firmware-notes.
var catalogue = []Entry{
	{Name: devices.Kenwood, Line: func() LineDecoder { return kenwood.NewDecoder() }, Bauds: []int{9600, 4800, 19200}, Sends: SendsCommands},
	{Name: devices.NMEA, Line: func() LineDecoder { return &nmea.Decoder{} }, Bauds: []int{4800, 9600, 38400, 115200}, Plain: true},
	{Name: devices.APRS, Line: func() LineDecoder { return &aprs.Decoder{} }, Bauds: []int{9600, 19200, 38400, 57600, 115200}},
	{Name: devices.KISS, Line: func() LineDecoder { return &kiss.Decoder{} }, Bauds: []int{9600, 19200, 38400, 57600, 115200}, Sends: SendsPackets},
	{Name: devices.TETRA, Line: func() LineDecoder { return tetra.NewDecoder() }, Bauds: []int{9600, 38400, 115200}, Sends: SendsShortData},
	{Name: devices.OwnTracks, Messages: func(k Keys) MessageDecoder { return owntracks.NewDecoder(k.Phones) }, Topic: owntracks.IsTopic, Secret: PhoneSecrets},
	{Name: devices.Meshtastic, Messages: func(k Keys) MessageDecoder { return meshtastic.NewDecoder(k.Channels) }, Topic: meshtastic.IsTopic, Uplink: meshtastic.IsUplink, Binary: meshtastic.IsBinary, Secret: ChannelKeys},
	{Name: devices.FieldJSON, Messages: func(Keys) MessageDecoder { return MessageDecoderFunc(fieldjson.Decode) }, Topic: fieldjson.IsTopic, Uplink: fieldjson.IsUplink},
}

// Entry is what there is to know of one protocol. It is carried over a line (Line), in
// the messages of a broker (Messages), or both; what devices post over HTTP is read as a
// message.
type Entry struct {
	Name devices.Protocol

	// Line makes a decoder of the bytes of a serial line or of a TCP connection that
	// stands in for one; nil where none carries the protocol.
	Line func() LineDecoder
	// Bauds are the speeds, in bits per second, at which its devices leave the factory,
	// the most usual first.
	Bauds []int
	// Plain is set where the decoders of radios read the protocol's frames too: it is
	// what a line speaks when nothing else was heard on it.
	Plain bool

	// Messages makes a decoder of a broker's messages; nil where none carries the protocol.
	Messages func(Keys) MessageDecoder
	// Topic tells whether the messages on a topic are in this protocol.
	Topic func(topic string) bool
	// Uplink tells whether devices publish on a topic to the gateway; nil for every one
	// for which Topic holds.
	Uplink func(topic string) bool
	// Binary tells whether a payload may hold any byte, so that a line feed does not end
	// it: by its topic, or without one by how it begins. Nil is never.
	Binary func(topic string, head []byte) bool
	// Secret is the kind of secrets that open what devices encrypt.
	Secret Secret

	// Sends is how messages are sent to devices over a line; empty where nothing can be.
	Sends Sending
}

// LineDecoder cuts the bytes of a line into frames and reads them.
type LineDecoder interface {
	// Feed takes bytes as they came.
	Feed(p []byte, at time.Time) []devices.Frame
	// Flush ends an unfinished frame: the line has been quiet or was lost.
	Flush(at time.Time) []devices.Frame
}

// MessageDecoder reads the messages of a broker. at is when one was received, UTC.
type MessageDecoder interface {
	Decode(topic string, body []byte, at time.Time) (devices.Report, error)
}

// MessageDecoderFunc is a function that is a [MessageDecoder].
type MessageDecoderFunc func(topic string, body []byte, at time.Time) (devices.Report, error)

// Decode calls the function.
func (f MessageDecoderFunc) Decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	return f(topic, body, at)
}

// Secret is a kind of secrets, each of which is kept in a file of its own.
type Secret string

// The kinds of secrets; a protocol without one encrypts nothing.
const (
	// ChannelKeys are those of a mesh's channels.
	ChannelKeys Secret = "channel:key"
	// PhoneSecrets are the pass phrases of phones.
	PhoneSecrets Secret = "user/device:secret" // #nosec G101 -- the form of a line, no secret
)

// Keys are the secrets of a site. The decoders take those of their own kind.
type Keys struct {
	Channels map[string]meshtastic.Key
	Phones   map[string]owntracks.Secret
}

// Sending is how messages are sent to devices.
type Sending string

// The ways of sending; package downlink has a dialect for each.
const (
	// SendsCommands: the base station takes commands and answers each.
	SendsCommands Sending = "commands"
	// SendsPackets: APRS messages under a call sign of the gateway's own.
	SendsPackets Sending = "packets"
	// SendsShortData: short data of a trunked network.
	SendsShortData Sending = "short data"
)

// All returns every protocol.
func All() []Entry { return slices.Clone(catalogue) }

// Find returns a protocol by its name.
func Find(name devices.Protocol) (Entry, bool) {
	for _, e := range catalogue {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// Lines returns the protocols that lines carry.
func Lines() []Entry {
	return slices.DeleteFunc(All(), func(e Entry) bool { return e.Line == nil })
}

// FromDevices tells whether a topic is one on which devices publish to the gateway.
func FromDevices(topic string) bool {
	return slices.ContainsFunc(catalogue, func(e Entry) bool {
		if e.Uplink != nil {
			return e.Uplink(topic)
		}
		return e.Topic != nil && e.Topic(topic)
	})
}

// Names returns the names of protocols, in their order.
func Names(entries []Entry) []devices.Protocol {
	names := make([]devices.Protocol, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

// Join lists the names of protocols for people to read.
func Join(names []devices.Protocol) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}
