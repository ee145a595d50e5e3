package system

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"

	"htgateway/devices/protocol/ax25"
	"htgateway/gateway/sitetest"
)

func awaitDelivery(s *sitetest.Site, events <-chan sitetest.Event, message, state string) {
	s.T.Helper()
	s.Await(events, message+" "+state, func(u sitetest.Update) bool {
		return u.Kind == "delivery" && u.Delivery.Message == message && u.Delivery.State == state
	})
}

func TestMessageReachesAKenwoodRadio(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.AllowTransmit("roof")
	s.Start()
	commands := sitetest.Commands(t, s.Radio, 0x03)
	events := s.Events("")
	var queued struct{ ID, Device, Link, State string }
	s.Post("/units/damkar-1/messages", map[string]any{"text": "UNIT 1, MOHON UPDATE"}, &queued)
	if queued.Device != "fleetsync:102-1001" || queued.Link != "roof" || queued.State != "queued" {
		t.Fatalf("%+v", queued)
	}
	sitetest.Expect(t, commands, "the text", "\x02F1021001UNIT 1, MOHON UPDATE\x03")
	s.Print("\x020\x03")
	awaitDelivery(s, events, queued.ID, "delivered")

	s.Post("/units/damkar-1/messages", map[string]any{"poll": true}, &queued)
	sitetest.Expect(t, commands, "the poll", "\x02R31021001\x03")
	s.Print("\x020\x03")
	s.Print(sitetest.Sentence("PKLSH,0649.9600,S,10813.6600,E,080102,A,102,1001,"))
	awaitDelivery(s, events, queued.ID, "delivered")

	// A pressed key is answered on the team's display, once it is in the journal.
	s.Press("13")
	sitetest.Expect(t, commands, "that its key was heard", "\x02F1021001OK TIBA ")
	s.Print("\x020\x03")
	s.Stop()
}

// TestMessageSurvivesAKill kills the gateway between a message's sending and its
// answer: after the restart it is sent again and delivered.
func TestMessageSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.AllowTransmit("roof")
	s.Start()
	commands := sitetest.Commands(t, s.Radio, 0x03)
	events := s.Events("")
	var queued struct{ ID string }
	s.Post("/units/damkar-1/messages", map[string]any{"text": "HALO"}, &queued)
	sitetest.Expect(t, commands, "the text", "HALO")
	awaitDelivery(s, events, queued.ID, "sent")
	s.Kill()
	s.Start()
	events = s.Events("")
	sitetest.Expect(t, commands, "the text again", "HALO")
	s.Print("\x020\x03")
	awaitDelivery(s, events, queued.ID, "delivered")
	// What is delivered is not sent again: the next command is the answer to a key.
	s.Kill()
	s.Start()
	s.Press("13")
	if next := <-commands; !strings.Contains(next, "OK TIBA") {
		t.Errorf("sent %q after the delivery", next)
	}
	s.Stop()
}

func TestMessageReachesAnAPRSRadio(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	tnc := s.AddTNC()
	s.Start()
	air, transmit := sitetest.OnAir(t, tnc)
	events := s.Events("")
	var queued struct{ ID string }
	s.Post("/units/orari-1/messages", map[string]any{"text": "MOHON UPDATE"}, &queued)
	frame := sitetest.Expect(t, air, "the message", "MOHON UPDATE{")
	_, number, _ := strings.Cut(strings.TrimSuffix(frame, "\xC0"), "{")
	if f, err := ax25.Parse([]byte(frame)[1 : len(frame)-1]); err != nil || f.Source.String() != "YB1MJL-1" || len(f.Path) != 1 {
		t.Errorf("%q: %+v %v", frame, f, err)
	}
	transmit(":YB1MJL-1 :ack" + number)
	awaitDelivery(s, events, queued.ID, "delivered")

	// A question for its position is answered by the next that it tells.
	s.Post("/units/orari-1/messages", map[string]any{"poll": true}, &queued)
	sitetest.Expect(t, air, "the question", ":YB1ZZZ-9 :?APRSP")
	transmit("!0649.96S/10813.66E>")
	awaitDelivery(s, events, queued.ID, "delivered")

	// The team's own message is acknowledged, and again when it comes again.
	transmit(":YB1MJL-1 :TIBA{7")
	s.Await(events, "key by message", func(u sitetest.Update) bool { return u.Kind == "status" && u.Status == "on_scene" })
	sitetest.Expect(t, air, "the acknowledgement", ":YB1ZZZ-9 :ack7")
	transmit(":YB1MJL-1 :TIBA{7")
	sitetest.Expect(t, air, "the acknowledgement again", ":YB1ZZZ-9 :ack7")
	s.Stop()
}

func TestTETRARadioIsRegisteredAndReached(t *testing.T) {
	t.Parallel()
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	s := sitetest.New(t)
	s.Configure(fmt.Sprintf("  - {id: tetra, kind: serial, protocol: tetra, device: %s, transmit: true}\n", line.Name()))
	s.AddUnit("{id: polisi-1, call_sign: POLISI 1, agency: Polres, devices: [\"tetra:1234567\"]}")
	s.Start()
	said := make(chan string, 100)
	go answerAT(radio, said)
	sitetest.Expect(t, said, "to pass on positions", "AT+CTSP=1,3,10")
	sitetest.Expect(t, said, "the last registration", "AT+CTSP=1,3,138")
	events := s.Events("")
	// The answer to the last command is on its way; a key comes between the lines.
	if _, err := radio.WriteString("+CTSDSR: 13,1234567,0,9999,0,16\r\n8003\r\n"); err != nil {
		t.Fatal(err)
	}
	s.Await(events, "status by TETRA", func(u sitetest.Update) bool {
		return u.Kind == "status" && u.Unit == "polisi-1" && u.Status == "on_scene"
	})
	pdu := sitetest.Expect(t, said, "that its key was heard", "4F4B2054494241") // "OK TIBA"
	reference := pdu[4:6]
	if _, err := radio.WriteString("+CTSDSR: 12,1234567,0,9999,0,32\r\n821000" + reference + "\r\n"); err != nil {
		t.Fatal(err)
	}
	s.Await(events, "delivery report", func(u sitetest.Update) bool { return u.Kind == "delivery" && u.Delivery.State == "delivered" })
	// The radio restarts behind a port that stays: it must be registered again.
	s.AwaitLink("tetra", func(l sitetest.Link) bool { return l.State == "up" && l.Why == "" })
	s.Stop()
}

// answerAT answers commands as a radio does and passes on what it was sent.
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
