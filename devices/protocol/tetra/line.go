package tetra

import (
	"bytes"
	"strings"

	"htgateway/devices"
)

// LineKind is what a line is that is no short data message.
type LineKind int

// The kinds of lines. An unsolicited line begins with '+' and is of no use here.
const (
	LineUnknown LineKind = iota
	LineOK
	LineError
	LineSent
	LinePrompt
	LineEcho
	LineUnsolicited
)

// Error codes of +CME ERROR (firmware-notes/protocols.md section 3).
const (
	ErrorSyntax            = 35
	ErrorAlreadyRegistered = 38
)

// States of a message in +CMGS (EN 300 392-5 clause 6.13.2).
const (
	SentOK     = 4
	SentFailed = 5
)

// Line is one line that is no short data message, as a writer of commands needs it.
type Line struct {
	Kind LineKind
	// Code is the number of +CME ERROR, or the SDS status of +CMGS ([SentOK],
	// [SentFailed]); -1 when there is none.
	Code int
	// Reference is the message reference of +CMGS, 0 to 255; -1 when there is none.
	Reference int
	// Text is the line as it came.
	Text string
}

// ParseLine reads one line, or the Raw of a frame. A short data message and noise
// give [LineUnknown].
func ParseLine(line []byte) Line {
	sent := bytes.IndexByte(line, ctrlZ) >= 0
	text := strings.Trim(string(line), "\r\n \t\x00\x1a")
	l := Line{Code: -1, Reference: -1, Text: text}
	answer := strings.ToUpper(text)
	switch {
	case strings.HasPrefix(answer, indication):
	case sent || answer == "AT" || strings.HasPrefix(answer, "ATE") || strings.HasPrefix(answer, "AT+"):
		l.Kind = LineEcho
	case answer == "OK":
		l.Kind = LineOK
	case answer == "ERROR":
		l.Kind = LineError
	case text == ">":
		l.Kind = LinePrompt
	case strings.HasPrefix(answer, "+CME ERROR:"), strings.HasPrefix(answer, "+CMS ERROR:"):
		l.Kind = LineError
		l.Code = field(text, 0)
	case strings.HasPrefix(answer, "+CMGS:"):
		// SDS instance, SDS status, message reference; the last two may be absent.
		l.Kind = LineSent
		l.Code, l.Reference = field(text, 1), field(text, 2)
	case unsolicited(answer):
		l.Kind = LineUnsolicited
	}
	return l
}

// Done tells whether the command that this answers did what it was sent for: it
// did, or a registration was there already.
func (l Line) Done() bool {
	return l.Kind == LineOK || l.Kind == LineError && l.Code == ErrorAlreadyRegistered
}

// field is the i-th number behind the colon, -1 when it is not there.
func field(text string, i int) int {
	_, values, _ := strings.Cut(text, ":")
	fields := strings.Split(values, ",")
	if i >= len(fields) {
		return -1
	}
	n, err := number(strings.TrimSpace(fields[i]), 1<<20)
	if err != nil {
		return -1
	}
	return n
}

// unsolicited tells whether a line is +NAME or +NAME: and printable values.
func unsolicited(line string) bool {
	name, _, _ := strings.Cut(line, ":")
	if len(name) < 3 || name[0] != '+' || strings.Trim(name[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") != "" {
		return false
	}
	for _, c := range []byte(line) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// answer reads a line that is no indication.
func answer(line []byte, r *devices.Report) error {
	l := ParseLine(line)
	switch l.Kind {
	case LineUnknown:
		return ErrNoise
	case LineOK, LineError, LineSent:
		r.Kind = devices.KindAck
	}
	r.Text = l.Text
	return nil
}

// Registration returns the commands, without line ends, that make a radio pass on
// short data: no echo, status keys, LIP, text, SDS-TL location, immediate text,
// user data header. A radio forgets them when it restarts. Each is answered by
// OK or an error; [Line.Done] tells whether it holds.
func Registration() []string {
	return []string{
		"AT", "ATE0",
		"AT+CTSP=1,2,20", "AT+CTSP=1,3,10", "AT+CTSP=1,3,130", "AT+CTSP=1,3,131", "AT+CTSP=1,3,137", "AT+CTSP=1,3,138",
	}
}

// Restarted tells whether a line, or the Raw of a frame, is a sign that the radio
// started anew and must be registered again. Ask it only of lines that come after
// the answer to ATE0: an echo means that the setting is gone. +CTOM and +CREG,
// which a gateway never asks for, are printed when a set comes up or changes its
// mode. To register twice does no harm ([ErrorAlreadyRegistered]), but a set that
// ignores ATE0 echoes always, so register at most once a minute.
func Restarted(line []byte) bool {
	l := ParseLine(line)
	if l.Kind == LineEcho {
		return !strings.HasPrefix(strings.ToUpper(l.Text), "ATE")
	}
	return l.Kind == LineUnsolicited && (strings.HasPrefix(l.Text, "+CTOM:") || strings.HasPrefix(l.Text, "+CREG:"))
}
