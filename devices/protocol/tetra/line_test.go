package tetra_test

import (
	"errors"
	"strings"
	"testing"

	"htgateway/devices"
	"htgateway/devices/protocol/tetra"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line            string
		kind            tetra.LineKind
		code, reference int
		done, restarted bool
	}{
		{"OK\r\n", tetra.LineOK, -1, -1, true, false},
		{"ERROR", tetra.LineError, -1, -1, false, false},
		{"+CME ERROR: 35", tetra.LineError, 35, -1, false, false},
		{"+CME ERROR: 38", tetra.LineError, 38, -1, true, false},
		{"+CME ERROR: syntax", tetra.LineError, -1, -1, false, false},
		{"+CMGS: 0", tetra.LineSent, -1, -1, false, false},
		{"+CMGS: 0,4,65", tetra.LineSent, tetra.SentOK, 65, false, false},
		{"+CMGS: 0,5", tetra.LineSent, tetra.SentFailed, -1, false, false},
		{"> ", tetra.LinePrompt, -1, -1, false, false},
		{"AT", tetra.LineEcho, -1, -1, false, true},
		{"at+ctsp=1,2,20", tetra.LineEcho, -1, -1, false, true},
		{"ATE0", tetra.LineEcho, -1, -1, false, false},
		{"82029C01\x1a", tetra.LineEcho, -1, -1, false, true},
		{"+CTOM: 0", tetra.LineUnsolicited, -1, -1, false, true},
		{"+CREG: 1,2901,1", tetra.LineUnsolicited, -1, -1, false, true},
		{"+CTXG: 1,3,0,0", tetra.LineUnsolicited, -1, -1, false, false},
		{"+CTXG: \xff", tetra.LineUnknown, -1, -1, false, false},
		{"+CTSDSR: 13,1,0,2,0,16", tetra.LineUnknown, -1, -1, false, false},
		{"8004", tetra.LineUnknown, -1, -1, false, false},
		{"", tetra.LineUnknown, -1, -1, false, false},
	} {
		l := tetra.ParseLine([]byte(c.line))
		if l.Kind != c.kind || l.Code != c.code || l.Reference != c.reference || l.Done() != c.done {
			t.Errorf("%q: %+v", c.line, l)
		}
		if got := tetra.Restarted([]byte(c.line)); got != c.restarted {
			t.Errorf("%q: restarted is %v", c.line, got)
		}
	}
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	want := "AT ATE0 AT+CTSP=1,2,20 AT+CTSP=1,3,10 AT+CTSP=1,3,130 AT+CTSP=1,3,131 AT+CTSP=1,3,137 AT+CTSP=1,3,138"
	if got := strings.Join(tetra.Registration(), " "); got != want {
		t.Errorf("%s", got)
	}
}

// TestTextComesBack reads as an indication what was encoded.
func TestTextComesBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "TIBA di lokasi", "Café", "€ 5", "🚒 sudah berangkat", strings.Repeat("x", 251)} {
		cmd, pdu, err := tetra.EncodeText("2345678", 156, text)
		if err != nil {
			t.Fatal(err)
		}
		length, isCommand := strings.CutPrefix(string(cmd), "AT+CMGS=2345678,")
		digits, ended := strings.CutSuffix(string(pdu), "\x1a")
		if !isCommand || !ended || !strings.HasSuffix(length, "\r\n") || !strings.HasPrefix(digits, "820E9C") {
			t.Fatalf("%q %q", cmd, pdu)
		}
		r, err := tetra.NewDecoder().Decode([]byte("+CTSDSR: 12,1,0,2345678,0," + length + digits))
		if err != nil || r.Kind != devices.KindMessage || r.Text != text {
			t.Errorf("%q: %v, %+v", text, err, r)
		}
	}
}

func TestTextThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		called, text string
		want         error
	}{
		{"", "TIBA", tetra.ErrGrammar},
		{"1,16\r\nAT+CTSP=0", "TIBA", tetra.ErrGrammar},
		{"1234567", strings.Repeat("x", 252), tetra.ErrTooLong},
		{"1234567", strings.Repeat("€", 126), tetra.ErrTooLong},
	} {
		cmd, pdu, err := tetra.EncodeText(c.called, 1, c.text)
		if !errors.Is(err, c.want) || cmd != nil || pdu != nil {
			t.Errorf("%q: %v", c.called, err)
		}
	}
}
