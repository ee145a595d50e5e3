package downlink

import (
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/kiss"
	"htgateway/devices/protocol/owntracks"
	"htgateway/devices/protocol/tetra"
	"htgateway/gateway/journal"
)

// Verdict is what a report means for a message that was sent.
type Verdict int

// The verdicts.
const (
	// NotAboutIt: the report answers something else.
	NotAboutIt Verdict = iota
	// UnderWay: the message is on its way; keep waiting.
	UnderWay
	// Delivered: it arrived.
	Delivered
	// Refused: it did not, and may be tried again.
	Refused
	// Hopeless: it did not, and trying again is no use.
	Hopeless
)

// Dialect is how one protocol takes messages to its devices. Its methods do no
// I/O.
type Dialect interface {
	// Serves tells whether devices of this family hear this protocol.
	Serves(family string) bool
	// Compose returns what is written to the radio, in steps with a short pause
	// between them.
	Compose(o Order) (steps [][]byte, err error)
	// Answers tells what a report heard on the same link means for an order that
	// was sent.
	Answers(r *devices.Report, o Order) Verdict
	// RetryPolicy is how often an order is tried and how long each attempt waits.
	RetryPolicy() RetryPolicy
}

// RetryPolicy is how a dialect tries an order again.
type RetryPolicy struct {
	// Wait is the time for an answer to the first attempt; each next waits Grow
	// times as long.
	Wait time.Duration
	Grow int
	// Retry is the pause after an attempt that could not be written; 0 is Wait.
	Retry time.Duration
	// Attempts is the most that are made.
	Attempts int
	// Alone is set where an answer does not name its message, so that only one may
	// be on its way.
	Alone bool
}

// For returns the dialect of a protocol, nil where nothing can be sent. callSign
// and path are the gateway's own on an APRS link.
func For(p devices.Protocol, callSign string, path []string) (Dialect, error) {
	e, _ := protocol.Find(p)
	switch e.Sends {
	case protocol.SendsCommands:
		return kenwoodDialect{}, nil
	case protocol.SendsPackets:
		return newAPRSDialect(callSign, path)
	case protocol.SendsShortData:
		return tetraDialect{}, nil
	}
	return nil, fmt.Errorf("nothing can be sent over protocol %q", p)
}

// Order is one message for one device.
type Order struct {
	// Message and Unit name it; see journal.Delivery.
	Message, Unit string
	Device        devices.Identity
	Text          string
	// Poll asks for the position instead of showing Text.
	Poll bool
	// Acknowledges is the number of the device's own message to which this is the
	// protocol's acknowledgement; nothing answers it.
	Acknowledges string
	// Region, when not nil, is what the device shall watch instead of showing Text.
	Region *owntracks.Region
	// Drop tells that it shall watch Region no more.
	Drop    bool
	Expires time.Time
}

// carrier is a dialect that takes some orders only.
type carrier interface {
	Carries(family string, poll bool) bool
}

// carries tells whether a dialect takes a text, or a poll, to a family.
func carries(d Dialect, family string, poll bool) bool {
	if c, is := d.(carrier); is {
		return c.Carries(family, poll)
	}
	return d.Serves(family)
}

// unanswered tells whether nothing will answer an order, so that it is over when it
// is sent.
func unanswered(d Dialect, o Order) bool {
	if o.Acknowledges != "" {
		return true
	}
	u, is := d.(interface{ Unanswered(o Order) bool })
	return is && u.Unanswered(o)
}

// id is the order's name in the journal.
func (o Order) id() string { return o.Message + "/" + o.Unit }

// number is the message's number on the air, the same in every attempt, also
// after a restart.
func (o Order) number() string { return strings.ToUpper(journal.Digest(o.id())[:5]) }

// address is the part of the device's identity after its family.
func (o Order) address() string {
	_, address, _ := strings.Cut(string(o.Device), ":")
	return address
}

// kenwoodDialect: the base station answers each command with one frame that names
// nobody.
type kenwoodDialect struct{}

func (kenwoodDialect) Serves(family string) bool { return family == "fleetsync" || family == "nexedge" }

func (kenwoodDialect) RetryPolicy() RetryPolicy {
	return RetryPolicy{Wait: 10 * time.Second, Grow: 1, Attempts: 3, Alone: true}
}

func (kenwoodDialect) Compose(o Order) ([][]byte, error) {
	if o.Poll {
		b, err := kenwood.Poll(o.Device)
		return [][]byte{b}, err
	}
	b, err := kenwood.Text(o.Device, o.Text)
	return [][]byte{b}, err
}

func (kenwoodDialect) Answers(r *devices.Report, o Order) Verdict {
	switch {
	case r.Kind == devices.KindAck && r.Device == "" && r.Text != "":
		return Refused
	case o.Poll && r.Device == o.Device && r.Fix != nil:
		return Delivered
	case r.Kind == devices.KindAck && r.Device == "" && o.Poll:
		return UnderWay
	case r.Kind == devices.KindAck && r.Device == "":
		return Delivered
	}
	return NotAboutIt
}

// aprsDialect sends messages over a KISS TNC; the addressee's radio acknowledges
// by number.
type aprsDialect struct {
	source ax25.Address
	path   []ax25.Address
}

// tocall is the destination of what the gateway sends: APZ is the range for
// experimental software (APRS101 chapter 4).
var tocall = ax25.Address{Call: "APZHTG"}

func newAPRSDialect(callSign string, path []string) (Dialect, error) {
	var (
		d   aprsDialect
		err error
	)
	if d.source, err = ax25.ParseAddress(callSign); err != nil {
		return nil, fmt.Errorf("call sign: %w", err)
	}
	for _, hop := range path {
		a, err := ax25.ParseAddress(strings.TrimSpace(hop))
		if err != nil {
			return nil, fmt.Errorf("path: %w", err)
		}
		d.path = append(d.path, a)
	}
	return d, nil
}

func (aprsDialect) Serves(family string) bool { return family == "aprs" }

// RetryPolicy grows the wait as APRS101 chapter 14 advises: a busy channel is not helped by
// repeating at a fixed rate.
func (aprsDialect) RetryPolicy() RetryPolicy {
	return RetryPolicy{Wait: 15 * time.Second, Grow: 2, Attempts: 6}
}

func (d aprsDialect) Compose(o Order) ([][]byte, error) {
	var (
		info []byte
		err  error
	)
	switch {
	case o.Acknowledges != "":
		info, err = aprs.Acknowledge(o.address(), o.Acknowledges)
	case o.Poll:
		info, err = aprs.Message(o.address(), "?APRSP", "") // APRS101 chapter 15
	default:
		info, err = aprs.Message(o.address(), o.Text, o.number())
	}
	if err != nil {
		return nil, err
	}
	f := ax25.Frame{Destination: tocall, Source: d.source, Path: d.path, Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: info}
	return [][]byte{kiss.Encode(0, f.Append(nil))}, nil
}

func (d aprsDialect) Answers(r *devices.Report, o Order) Verdict {
	switch {
	case r.Device != o.Device:
		return NotAboutIt
	case o.Poll && r.HasLiveFix():
		return Delivered
	case o.Poll || r.Kind != devices.KindAck || r.To != d.source.String() || !strings.EqualFold(r.Sequence, o.number()):
		return NotAboutIt
	case r.Text == "rej":
		return Hopeless
	}
	return Delivered
}

// own is the call sign that messages to the gateway are addressed to.
func (d aprsDialect) own() string { return d.source.String() }

// tetraDialect sends texts as short data; the radio says whether it sent, the
// addressee's radio whether it arrived.
type tetraDialect struct{}

func (tetraDialect) Serves(family string) bool { return family == "tetra" }

func (tetraDialect) RetryPolicy() RetryPolicy {
	return RetryPolicy{Wait: 30 * time.Second, Grow: 1, Attempts: 2, Alone: true}
}

// reference is the SDS-TL message reference, one byte.
func (o Order) reference() byte {
	digest := journal.Digest(o.id())
	return digest[0] ^ digest[1]<<3 ^ digest[2]<<5
}

func (tetraDialect) Compose(o Order) ([][]byte, error) {
	if o.Poll {
		return nil, fmt.Errorf("a position cannot be asked for over TETRA: the radio's own LIP settings say when it sends one")
	}
	command, data, err := tetra.EncodeText(o.address(), o.reference(), o.Text)
	return [][]byte{command, data}, err
}

func (tetraDialect) Answers(r *devices.Report, o Order) Verdict {
	if r.Kind != devices.KindAck {
		return NotAboutIt
	}
	if r.Device == o.Device {
		switch {
		case r.Sequence != fmt.Sprint(o.reference()):
			return NotAboutIt
		case strings.HasPrefix(r.Text, "failed"):
			return Refused
		case strings.HasPrefix(r.Text, "received"), strings.HasPrefix(r.Text, "consumed"), strings.HasPrefix(r.Text, "delivered"):
			return Delivered
		}
		return UnderWay
	}
	if r.Device != "" {
		return NotAboutIt
	}
	switch line := tetra.ParseLine(r.Raw); {
	case line.Kind == tetra.LineError && line.Code != tetra.ErrorAlreadyRegistered,
		line.Kind == tetra.LineSent && line.Code == tetra.SentFailed:
		return Refused
	}
	return UnderWay
}
