package tetra

import (
	"fmt"
	"strconv"
	"strings"

	"htgateway/devices"
	"htgateway/devices/protocol/nmea"
)

// Protocol identifiers: the first byte of an SDS type 4 message. From 0x80 on an
// SDS-TL header follows (EN 300 392-2 table 29.21).
const (
	pidSimpleText      = 0x02
	pidSimpleLocation  = 0x03
	pidSimpleImmediate = 0x09
	pidLIP             = 0x0A
	pidSimpleConcat    = 0x0C
	pidText            = 0x82
	pidLocation        = 0x83
	pidImmediate       = 0x89
	pidUserDataHeader  = 0x8A
	pidConcat          = 0x8C

	pidTransportLayer = 0x80
)

// shortData reads the user data of one indication.
func shortData(service int, b bitReader, r *devices.Report) error {
	switch service {
	case serviceStatus:
		return status(b, r)
	case serviceSDS4:
		return message(b, r)
	}
	// SDS types 1 to 3 are 16, 32 and 64 bits of which only the sender knows the
	// meaning.
	if b.bits != 16<<(service-serviceSDS1) {
		return fmt.Errorf("%w: SDS type %d of %d bits", ErrGrammar, service-serviceSDS1+1, b.bits)
	}
	r.Text = fmt.Sprintf("%X", b.data)
	return nil
}

// status reads a pre-coded status of 16 bits: 0 is the emergency, 0x7C00 to
// 0x7FFF are delivery reports in short form, 0x8000 and above the site's own.
func status(b bitReader, r *devices.Report) error {
	r.Kind = devices.KindStatus
	if b.bits != 16 {
		return fmt.Errorf("%w: status of %d bits", ErrGrammar, b.bits)
	}
	code := b.take(16)
	if code >= 0x7C00 && code <= 0x7FFF {
		r.Kind = devices.KindAck
		r.Sequence = strconv.Itoa(int(code & 0xFF))
		r.Text = [...]string{"protocol or coding not supported", "memory of the destination full", "received", "consumed"}[code>>8&3]
		return nil
	}
	r.StatusCode = strconv.Itoa(int(code))
	r.Emergency = code == 0
	return nil
}

// message reads an SDS type 4.
func message(b bitReader, r *devices.Report) error {
	if b.bits < 8 {
		return fmt.Errorf("%w: message of %d bits", ErrLength, b.bits)
	}
	pid := byte(b.take(8))
	if pid >= pidTransportLayer {
		return transport(pid, b, r)
	}
	return payload(pid, b, r)
}

// Message types of SDS-TL.
const (
	typeTransfer = 0
	typeReport   = 1
	typeAck      = 2
)

// transport reads an SDS-TL message: four bits of type, flags, then the message
// reference (TRANSFER) or delivery status and reference (REPORT and ACK).
func transport(pid byte, b bitReader, r *devices.Report) error {
	kind := b.take(4)
	b.skip(3)
	storeForward := b.take(1) == 1
	switch kind {
	case typeTransfer:
		// The reference counts to 255 and starts over, so it tells no message from
		// a later one and is no sequence number.
		b.skip(8)
		if storeForward {
			if err := skipForwarding(&b); err != nil {
				return err
			}
		}
		if b.short {
			return fmt.Errorf("%w: transfer cut off", ErrLength)
		}
		return payload(pid, b, r)
	case typeReport, typeAck:
		r.Kind = devices.KindAck
		status, ref := byte(b.take(8)), b.take(8)
		if b.short {
			return fmt.Errorf("%w: delivery report cut off", ErrLength)
		}
		r.Sequence, r.Text = strconv.Itoa(int(ref)), deliveryStatus(status)
		return nil
	}
	// Types 8 to 15 are the site's own, the others reserved.
	return nil
}

// skipForwarding passes over the store and forward control: how long the message
// is valid and where it goes next.
func skipForwarding(b *bitReader) error {
	b.skip(5)
	switch kind := b.take(3); kind {
	case 0:
		b.skip(8)
	case 1:
		b.skip(24)
	case 2:
		b.skip(48)
	case 3:
		digits := int(b.take(8))
		b.skip((digits + 1) / 2 * 8)
	case 7:
	default:
		return fmt.Errorf("%w: forward address type %d", ErrGrammar, kind)
	}
	return nil
}

// payload reads what follows the protocol identifier and any SDS-TL header. An
// application that is not known is kept as its raw frame: the unit was heard.
func payload(pid byte, b bitReader, r *devices.Report) error {
	switch pid {
	case pidSimpleText, pidSimpleImmediate, pidText, pidImmediate:
		return text(b, false, r)
	case pidUserDataHeader:
		return text(b, true, r)
	case pidSimpleConcat, pidConcat:
		return part(b, r)
	case pidLIP:
		return location(b, r)
	case pidSimpleLocation, pidLocation:
		return locationSystem(b, r)
	}
	return nil
}

// part reads one part of a concatenated message: type, flag and four bits of
// reference, eight more if flagged, number of parts, number of this one. Only the
// first carries the protocol and the coding, so only it can be read alone.
func part(b bitReader, r *devices.Report) error {
	kind, long := b.take(3), b.take(1) == 1
	b.skip(4)
	if long {
		b.skip(8)
	}
	b.skip(8)
	number := b.take(8)
	if b.short {
		return fmt.Errorf("%w: part of a message cut off", ErrLength)
	}
	if kind != 0 || number != 1 {
		return nil
	}
	pid := byte(b.take(8))
	if b.short {
		return fmt.Errorf("%w: part of a message cut off", ErrLength)
	}
	if pid == pidSimpleConcat || pid == pidConcat {
		return fmt.Errorf("%w: parts within parts", ErrGrammar)
	}
	return payload(pid, b, r)
}

// Codings of a location system message, its first byte.
const (
	locationNMEA        = 0x00
	locationRTCM        = 0x01
	locationProprietary = 0x02
)

// locationSystem reads the older location messages: mostly NMEA sentences, and
// LIP by some gateways.
func locationSystem(b bitReader, r *devices.Report) error {
	r.Kind = devices.KindPosition
	rest := b.rest()
	if len(rest) == 0 {
		return fmt.Errorf("%w: location cut off", ErrLength)
	}
	switch rest[0] {
	case locationNMEA:
		if len(rest) > 1 && rest[1] == '$' {
			return sentence(rest[1:], r)
		}
		return fmt.Errorf("%w: location coding %d without a sentence", ErrGrammar, rest[0])
	case locationRTCM, locationProprietary:
		r.Kind = devices.KindOther
		return nil
	case pidLIP:
		b.skip(8)
		return location(b, r)
	}
	return fmt.Errorf("%w: location coding %d", ErrGrammar, rest[0])
}

// sentence reads a position from NMEA; the radio says who speaks.
func sentence(line []byte, r *devices.Report) error {
	said, err := nmea.Decode([]byte(strings.Trim(string(line), "\r\n \x00")))
	if err != nil {
		return err
	}
	if said.Fix == nil {
		r.Kind = devices.KindOther
	}
	r.Fix, r.DeviceTime, r.ClockNote = said.Fix, said.DeviceTime, said.ClockNote
	return nil
}
