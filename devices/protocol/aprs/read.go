package aprs

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
)

// maxNesting is how many third-party headers may enclose a packet: one is what
// igates make, and a bound keeps a hostile packet from nesting for ever.
const maxNesting = 2

// read reads the information field by its data type identifier (APRS101
// chapter 5).
func read(p Packet, r *devices.Report, nesting int) error {
	info := p.Info
	if len(info) == 0 {
		return ErrShort
	}
	switch info[0] {
	case '`', '\'', 0x1c, 0x1d: // the last two from the first radios (chapter 10)
		return readMicE(p.Destination, info[1:], r)
	case '!', '=':
		return readLocation(info[1:], r)
	case '/', '@':
		if len(info) < 14 {
			return ErrShort
		}
		r.DeviceTime = timeOfDay(info[1:8], r.ReceivedAt)
		return readLocation(info[8:], r)
	case ';':
		return readObject(info, r)
	case ')':
		return readItem(info, r)
	case ':':
		return readMessage(info, r)
	case '>':
		readStatus(info[1:], r)
		return nil
	case '$':
		return readSentence(info, r)
	case '}':
		return readThirdParty(info[1:], r, nesting)
	case '_':
		return readWeather(info[1:])
	case '<', '?', '*', '#', '%', '[', ',':
		return nil
	}
	return readByContent(info, r)
}

// readByContent reads what no identifier marks.
func readByContent(info []byte, r *devices.Report) error {
	switch {
	case bytes.HasPrefix(info, []byte("T#")):
		return readTelemetry(info[2:])
	case bytes.HasPrefix(info, []byte("DX de ")):
		return readSpot(info[len("DX de "):])
	case bytes.HasPrefix(info, []byte("{{")):
		return fmt.Errorf("%w: experimental", ErrUnsupported)
	}
	// As a last resort a position may follow a '!' among the first 40 characters
	// (APRS101 chapter 5, for TNCs that put text in front).
	at := bytes.IndexByte(info[:min(len(info), 40)], '!')
	if at < 0 || at+1 >= len(info) {
		return nil
	}
	rest := info[at+1:]
	switch {
	case isDigit(rest[0]) && len(rest) >= plainLength, isTable(rest[0]) && !isDigit(rest[0]) && len(rest) >= compressedLength:
		return readLocation(rest, r)
	}
	return nil
}

// readThirdParty reads a packet that another station carried over (APRS101
// chapter 17): the report is of the inner source.
func readThirdParty(inner []byte, r *devices.Report, nesting int) error {
	if nesting >= maxNesting {
		return fmt.Errorf("%w: third-party headers nested too deep", ErrUnsupported)
	}
	p, err := Split(inner)
	if err != nil {
		return fmt.Errorf("third-party packet: %w", err)
	}
	r.Device = identity(p.Source)
	return read(p, r, nesting+1)
}

// readStatus reads a status text (APRS101 chapter 16), which a radio repeats
// with its beacons.
func readStatus(text []byte, r *devices.Report) {
	if len(text) >= 7 && text[6] == 'z' {
		if _, ok := number(text[:6]); ok {
			text = text[7:]
		}
	}
	r.Kind = devices.KindStatus
	r.Text = words(text)
	r.Standing = true
}

// readMessage reads a message, its acknowledgement or its rejection (APRS101
// chapter 14, reply-acks by the 1.1 addendum).
func readMessage(info []byte, r *devices.Report) error {
	if len(info) < 11 || info[10] != ':' {
		return ErrMessage
	}
	for _, c := range info[1:10] {
		if !isDigit(c) && c != '_' && c != ' ' && c != '-' && !isLetter(c) {
			return refuse(ErrMessage, "addressee", info[1:10])
		}
	}
	text := info[11:]
	if len(text) == 0 {
		return fmt.Errorf("%w: empty", ErrMessage)
	}
	for _, c := range text {
		if c < 0x20 || c == 0x7f {
			return fmt.Errorf("%w: control character %#02x", ErrMessage, c)
		}
	}
	r.Kind = devices.KindMessage
	r.To = string(bytes.TrimRight(info[1:10], " "))
	if number, verb, ok := acknowledged(text); ok {
		r.Kind, r.Sequence, r.Text = devices.KindAck, number, verb
		return nil
	}
	for _, telemetry := range []string{"BITS.", "PARM.", "UNIT.", "EQNS."} {
		if len(text) >= 5 && strings.EqualFold(string(text[:5]), telemetry) {
			r.Kind = devices.KindOther
			return nil
		}
	}
	if body, id, ok := numbered(text); ok {
		text, r.Sequence = body, id
	}
	r.Text = words(text)
	return nil
}

// Verbs of an acknowledgement's text.
const (
	ack = "ack"
	rej = "rej"
)

// acknowledged reads "ack12" and "rej12", and the reply-ack "ack12}34".
func acknowledged(text []byte) (number, verb string, ok bool) {
	if len(text) < 4 {
		return "", "", false
	}
	verb = string(text[:3])
	if verb != ack && verb != rej {
		return "", "", false
	}
	id, _, _ := bytes.Cut(bytes.TrimRight(text[3:], " "), []byte{'}'})
	if len(id) < 1 || len(id) > 5 || !isAlphanumeric(id) {
		return "", "", false
	}
	return string(id), verb, true
}

// numbered cuts "text{12", "text{12}" and "text{12}34" into text and number.
func numbered(text []byte) (body []byte, id string, ok bool) {
	at := bytes.IndexByte(text, '{')
	if at < 0 {
		return nil, "", false
	}
	tail := bytes.TrimRight(text[at+1:], " ")
	mark, reply, _ := cut(tail, '}')
	if len(mark) < 1 || len(mark) > 5 || !isAlphanumeric(mark) || len(reply) > 5 || !isAlphanumeric(reply) {
		return nil, "", false
	}
	return text[:at], string(mark), true
}

func isAlphanumeric(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && !isLetter(c) {
			return false
		}
	}
	return true
}

// readTelemetry recognises a telemetry report (APRS101 chapter 13), which is
// passed over, and refuses one whose first values are no numbers.
func readTelemetry(b []byte) error {
	_, values, found := cut(b, ',')
	if !found {
		return ErrTelemetry
	}
	for i := 0; i < 5 && values != nil; i++ {
		var v []byte
		v, values, found = cut(values, ',')
		if !found {
			values = nil
		}
		if len(bytes.Trim(v, "0123456789.-")) > 0 {
			if i == 0 {
				return refuse(ErrTelemetry, "value", v)
			}
			return nil // the rest is a comment
		}
		if !isMeasured(v) {
			return refuse(ErrTelemetry, "value", v)
		}
	}
	return nil
}

// isMeasured tells whether v is empty or a decimal number within 32 bits.
func isMeasured(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte{'-'})
	whole, fraction, dotted := cut(v, '.')
	if dotted && len(fraction) == 0 || bytes.ContainsAny(fraction, ".-") || bytes.IndexByte(whole, '-') >= 0 {
		return false
	}
	var n uint64
	for _, c := range whole {
		if n = n*10 + uint64(c-'0'); n > 1<<31 {
			return false
		}
	}
	return true
}

// readWeather recognises a weather report without position (APRS101 chapter 12),
// which is passed over: month, day, hour and minute, then wind.
func readWeather(b []byte) error {
	if len(b) < 12 || b[8] != 'c' || bytes.IndexByte(b[9:min(len(b), 13)], 's') < 1 {
		return ErrWeather
	}
	if _, ok := number(b[:8]); !ok {
		return ErrWeather
	}
	return nil
}

// readSpot recognises a DX cluster spot, which is passed over.
func readSpot(b []byte) error {
	source := b[:max(0, bytes.IndexAny(b, ":>"))]
	if !isCall(bytes.TrimSpace(source)) {
		return refuse(ErrCall, "spot by", source)
	}
	return nil
}

// timeOfDay places a time stamp of hours, minutes and seconds (APRS101 chapter
// 6, format "h") on the day that brings it nearest to at. The other formats tell
// no seconds, or a zone that nobody knows, and are no use for response times.
func timeOfDay(stamp []byte, at time.Time) time.Time {
	if stamp[6] != 'h' || at.IsZero() {
		return time.Time{}
	}
	n, ok := number(stamp[:6])
	h, m, s := n/10000, n/100%100, n%100
	if !ok || h > 23 || m > 59 || s > 59 {
		return time.Time{}
	}
	at = at.UTC()
	t := time.Date(at.Year(), at.Month(), at.Day(), h, m, s, 0, time.UTC)
	switch {
	case t.Sub(at) > 12*time.Hour:
		return t.AddDate(0, 0, -1)
	case at.Sub(t) > 12*time.Hour:
		return t.AddDate(0, 0, 1)
	}
	return t
}

// words is a field as text; bytes that are no UTF-8 are marked as lost.
func words(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
