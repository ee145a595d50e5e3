package kenwood

import (
	"bytes"
	"errors"
	"fmt"

	"htgateway/devices"
)

// Reasons for refusing a frame.
var (
	ErrUnfinished = errors.New("kenwood: frame has no end")
	ErrNoise      = errors.New("kenwood: bytes outside any frame")
	ErrGrammar    = errors.New("kenwood: frame does not follow the protocol")
	ErrGarbled    = errors.New("kenwood: the two copies of the caller's id differ")
)

// StatusLayout is how one kind of STX status frame is divided: what follows the
// letter 'E'. No public description of these frames is complete, so the layouts
// are data and a site can add the one that its radios turn out to use.
type StatusLayout struct {
	// From, To and Status are widths in characters, in this order.
	From, To, Status int
	// Family of the ids, "fleetsync" or "nexedge".
	Family string
}

// DefaultStatusLayouts is dPMR's: two ids of nine digits and a status of four.
// The division is inferred (firmware-notes/protocols.md section 1); a NEXEDGE dump with
// U and eight digits is known whose tail is not, so it is kept undivided.
func DefaultStatusLayouts() []StatusLayout {
	return []StatusLayout{{From: 9, To: 9, Status: 4, Family: "nexedge"}}
}

// readFrame reads what stands between STX and ETX.
func readFrame(body []byte, layouts []StatusLayout, r *devices.Report) error {
	if len(body) == 0 {
		return ErrGrammar
	}
	letter, rest := body[0], body[1:]
	switch {
	case letter == 'I':
		return callerID(rest, fleetSyncID, r)
	case letter == 'g' && len(rest) > 0 && rest[0] == 'I':
		return callerID(rest[1:], nexedgeID, r)
	case letter == 'D':
		return singleID(rest, r)
	case letter == 'E':
		return status(rest, layouts, r)
	case letter == 'x' && len(rest) > 0 && rest[0] == 'E':
		// Some captures show STX as an x of its own.
		return status(rest[1:], layouts, r)
	case (letter == '0' || letter == '1') && len(rest) == 0:
		r.Kind, r.StatusCode = devices.KindAck, ""
		if letter == '1' {
			r.Text = "failed"
		}
		return nil
	case letter == 'F' || letter == 'G':
		return message(rest, fleetSyncID, r)
	case letter == 'g' && len(rest) > 0 && (rest[0] == 'F' || rest[0] == 'G'):
		return message(rest[1:], nexedgeID, r)
	}
	return fmt.Errorf("%w: command %q", ErrGrammar, letter)
}

// identify reads an id at the start of b and returns what follows it.
type identify func(b []byte) (id devices.Identity, rest []byte, ok bool)

// fleetSyncID is a fleet of 3 digits and a unit of 4.
func fleetSyncID(b []byte) (devices.Identity, []byte, bool) {
	if len(b) < 7 || !digits(b[:7]) {
		return "", nil, false
	}
	return devices.Identity("fleetsync:" + string(b[:3]) + "-" + string(b[3:7])), b[7:], true
}

// nexedgeID is U and 5 digits.
func nexedgeID(b []byte) (devices.Identity, []byte, bool) {
	if len(b) < 6 || b[0] != 'U' || !digits(b[1:6]) {
		return "", nil, false
	}
	return devices.Identity("nexedge:" + string(b[1:6])), b[6:], true
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// callerID is 1 or 0 for begin or end of the transmission, and the id twice:
// there is no checksum, so the copies must match.
func callerID(b []byte, id identify, r *devices.Report) error {
	r.Kind = devices.KindID
	if len(b) == 0 || b[0] != '0' && b[0] != '1' {
		return fmt.Errorf("%w: caller id without begin or end", ErrGrammar)
	}
	first, rest, ok := id(b[1:])
	if !ok {
		// NEXEDGE has a long form, U and 8 digits.
		id = longNexedgeID
		if first, rest, ok = id(b[1:]); !ok {
			return fmt.Errorf("%w: caller id %q", ErrGrammar, b)
		}
	}
	second, rest, ok := id(rest)
	if !ok || len(rest) > 0 {
		if long, after, isLong := longNexedgeID(b[1:]); isLong {
			if again, end, whole := longNexedgeID(after); whole && len(end) == 0 && again == long {
				r.Device = long
				return nil
			}
		}
		return fmt.Errorf("%w: caller id %q", ErrGrammar, b)
	}
	if first != second {
		return fmt.Errorf("%w: %s and %s", ErrGarbled, first, second)
	}
	r.Device = first
	return nil
}

// longNexedgeID is U and 8 digits.
func longNexedgeID(b []byte) (devices.Identity, []byte, bool) {
	if len(b) < 9 || b[0] != 'U' || !digits(b[1:9]) {
		return "", nil, false
	}
	return devices.Identity("nexedge:" + string(b[1:9])), b[9:], true
}

// singleID is the second form of the FleetSync id, which is not repeated.
func singleID(b []byte, r *devices.Report) error {
	r.Kind = devices.KindID
	id, rest, ok := fleetSyncID(b)
	if !ok || len(rest) > 0 {
		return fmt.Errorf("%w: id %q", ErrGrammar, b)
	}
	r.Device = id
	return nil
}

// status divides a status frame by the first layout that fits; one that none
// fits is kept whole as its own code, to be mapped by a setting, never guessed.
func status(b []byte, layouts []StatusLayout, r *devices.Report) error {
	// Some captures have a space between ids and status.
	plain := bytes.ReplaceAll(b, []byte(" "), nil)
	for _, l := range layouts {
		if len(plain) != l.From+l.To+l.Status || !digits(plain) {
			continue
		}
		r.Kind = devices.KindStatus
		r.Device = devices.Identity(l.Family + ":" + string(plain[:l.From]))
		r.To = string(plain[l.From : l.From+l.To])
		r.StatusCode = string(plain[l.From+l.To:])
		return nil
	}
	from, rest, ok := longNexedgeID(plain)
	if !ok {
		return fmt.Errorf("%w: status %q", ErrGrammar, b)
	}
	to, tail, ok := longNexedgeID(rest)
	if !ok || !digits(tail) {
		return fmt.Errorf("%w: status %q", ErrGrammar, b)
	}
	r.Kind, r.Device, r.To = devices.KindOther, from, string(to[len("nexedge:"):])
	r.Text = string(tail)
	return nil
}

// message is a text, with the sender's id before it.
func message(b []byte, id identify, r *devices.Report) error {
	from, text, ok := id(b)
	if !ok {
		return fmt.Errorf("%w: message %q", ErrGrammar, b)
	}
	r.Kind, r.Device = devices.KindMessage, from
	r.Text = string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	return nil
}
