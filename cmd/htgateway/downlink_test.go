package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kiss"
)

// told reads what the gateway writes to a radio, up to a byte that ends a command.
func told(t *testing.T, r io.Reader, end byte) <-chan string {
	t.Helper()
	out := make(chan string, 100)
	go func() {
		in := bufio.NewReader(r)
		for {
			s, err := in.ReadString(end)
			if err != nil {
				return
			}
			out <- s
		}
	}()
	return out
}

func expect(t *testing.T, c <-chan string, what, want string) string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case got := <-c:
			if strings.Contains(got, want) {
				return got
			}
		case <-deadline:
			t.Fatalf("the radio was never told %s (%q)", what, want)
		}
	}
}

func (s *site) delivered(events <-chan identified, message, state string) {
	s.t.Helper()
	s.await(events, message+" "+state, func(u update) bool {
		return u.Kind == "delivery" && u.Delivery.Message == message && u.Delivery.State == state
	})
}

func TestMessageReachesAKenwoodRadio(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.transmitting("roof")
	s.start()
	commands := told(t, s.radio, 0x03)
	events := s.events("")
	var queued struct{ ID, Device, Link, State string }
	s.post("/units/damkar-1/messages", map[string]any{"text": "UNIT 1, MOHON UPDATE"}, &queued)
	if queued.Device != "fleetsync:102-1001" || queued.Link != "roof" || queued.State != "queued" {
		t.Fatalf("%+v", queued)
	}
	expect(t, commands, "the text", "\x02F1021001UNIT 1, MOHON UPDATE\x03")
	s.say("\x020\x03")
	s.delivered(events, queued.ID, "delivered")

	s.post("/units/damkar-1/messages", map[string]any{"poll": true}, &queued)
	expect(t, commands, "the poll", "\x02R31021001\x03")
	s.say("\x020\x03")
	s.say(sentence("PKLSH,0649.9600,S,10813.6600,E,080102,A,102,1001,"))
	s.delivered(events, queued.ID, "delivered")

	// A pressed key is answered on the team's display, once it is in the journal.
	s.press("13")
	expect(t, commands, "that its key was heard", "\x02F1021001OK TIBA ")
	s.say("\x020\x03")
	s.stop()
}

// TestMessageSurvivesAKill kills the gateway between a message's sending and its
// answer: after the restart it is sent again and delivered.
func TestMessageSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.transmitting("roof")
	s.start()
	commands := told(t, s.radio, 0x03)
	events := s.events("")
	var queued struct{ ID string }
	s.post("/units/damkar-1/messages", map[string]any{"text": "HALO"}, &queued)
	expect(t, commands, "the text", "HALO")
	s.delivered(events, queued.ID, "sent")
	s.kill()
	s.start()
	events = s.events("")
	expect(t, commands, "the text again", "HALO")
	s.say("\x020\x03")
	s.delivered(events, queued.ID, "delivered")
	// What is delivered is not sent again: the next command is the answer to a key.
	s.kill()
	s.start()
	s.press("13")
	if next := <-commands; !strings.Contains(next, "OK TIBA") {
		t.Errorf("sent %q after the delivery", next)
	}
	s.stop()
}

// tnc gives the site a TNC over TCP and a unit with an APRS radio.
func (s *site) tnc() net.Listener {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	s.configure(fmt.Sprintf("  - {id: tnc, kind: tcp, protocol: kiss, address: %q, transmit: true, call_sign: YB1MJL-1, via: WIDE1-1}\n", l.Addr()))
	s.unit("{id: orari-1, call_sign: ORARI 1, agency: ORARI, devices: [\"aprs:YB1ZZZ-9\"]}")
	return l
}

// onAir is what the gateway sends over the TNC, and how the unit's radio sends.
func onAir(t *testing.T, tnc net.Listener) (air <-chan string, transmit func(info string)) {
	t.Helper()
	conn, err := tnc.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return told(t, conn, 0xC0), func(info string) {
		t.Helper()
		f := ax25.Frame{
			Destination: ax25.Address{Call: "APRS"}, Source: ax25.Address{Call: "YB1ZZZ", SSID: 9},
			Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte(info),
		}
		if _, err := conn.Write(kiss.Encode(0, f.Append(nil))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessageReachesAnAPRSRadio(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tnc := s.tnc()
	s.start()
	air, transmit := onAir(t, tnc)
	events := s.events("")
	var queued struct{ ID string }
	s.post("/units/orari-1/messages", map[string]any{"text": "MOHON UPDATE"}, &queued)
	frame := expect(t, air, "the message", "MOHON UPDATE{")
	_, number, _ := strings.Cut(strings.TrimSuffix(frame, "\xC0"), "{")
	if f, err := ax25.Parse([]byte(frame)[1 : len(frame)-1]); err != nil || f.Source.String() != "YB1MJL-1" || len(f.Path) != 1 {
		t.Errorf("%q: %+v %v", frame, f, err)
	}
	transmit(":YB1MJL-1 :ack" + number)
	s.delivered(events, queued.ID, "delivered")

	// A question for its position is answered by the next that it tells.
	s.post("/units/orari-1/messages", map[string]any{"poll": true}, &queued)
	expect(t, air, "the question", ":YB1ZZZ-9 :?APRSP")
	transmit("!0649.96S/10813.66E>")
	s.delivered(events, queued.ID, "delivered")

	// The team's own message is acknowledged, and again when it comes again.
	transmit(":YB1MJL-1 :TIBA{7")
	s.await(events, "key by message", func(u update) bool { return u.Kind == "status" && u.Status == "on_scene" })
	expect(t, air, "the acknowledgement", ":YB1ZZZ-9 :ack7")
	transmit(":YB1MJL-1 :TIBA{7")
	expect(t, air, "the acknowledgement again", ":YB1ZZZ-9 :ack7")
	s.stop()
}

func TestTETRARadioIsRegisteredAndReached(t *testing.T) {
	t.Parallel()
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	s := newSite(t)
	s.configure(fmt.Sprintf("  - {id: tetra, kind: serial, protocol: tetra, device: %s, transmit: true}\n", line.Name()))
	s.unit("{id: polisi-1, call_sign: POLISI 1, agency: Polres, devices: [\"tetra:1234567\"]}")
	s.start()
	said := make(chan string, 100)
	go answerAT(radio, said)
	expect(t, said, "to pass on positions", "AT+CTSP=1,3,10")
	expect(t, said, "the last registration", "AT+CTSP=1,3,138")
	events := s.events("")
	// The answer to the last command is on its way; a key comes between the lines.
	if _, err := radio.WriteString("+CTSDSR: 13,1234567,0,9999,0,16\r\n8003\r\n"); err != nil {
		t.Fatal(err)
	}
	s.await(events, "status by TETRA", func(u update) bool { return u.Kind == "status" && u.Unit == "polisi-1" && u.Status == "on_scene" })
	pdu := expect(t, said, "that its key was heard", "4F4B2054494241") // "OK TIBA"
	reference := pdu[4:6]
	if _, err := radio.WriteString("+CTSDSR: 12,1234567,0,9999,0,32\r\n821000" + reference + "\r\n"); err != nil {
		t.Fatal(err)
	}
	s.await(events, "delivery report", func(u update) bool { return u.Kind == "delivery" && u.Delivery.State == "delivered" })
	// The radio restarts behind a port that stays: it must be registered again.
	s.awaitLink("tetra", func(l linkView) bool { return l.State == "up" && l.Why == "" })
	s.stop()
}

// answerAT answers commands as a radio does and passes on what it was told.
func answerAT(radio *os.File, said chan<- string) {
	in := bufio.NewReader(radio)
	var held bytes.Buffer
	for {
		b, err := in.ReadByte()
		if err != nil {
			return
		}
		held.WriteByte(b)
		switch {
		case b == '\n' && strings.HasPrefix(held.String(), "AT+CMGS"):
			said <- held.String()
			_, _ = radio.WriteString("\r\n> ")
			held.Reset()
		case b == '\n':
			said <- held.String()
			_, _ = radio.WriteString("\r\nOK\r\n")
			held.Reset()
		case b == 0x1A:
			said <- held.String()
			_, _ = radio.WriteString("\r\n+CMGS: 0,4,1\r\nOK\r\n")
			held.Reset()
		}
	}
}
