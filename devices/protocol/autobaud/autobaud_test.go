package autobaud_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/autobaud"
	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kiss"
)

func trial(baud int) *autobaud.Trial {
	return autobaud.NewTrial(baud, autobaud.Candidates()...)
}

const (
	position = "$GPRMC,044100,A,0650.1840,S,10813.6440,E,000.0,000.0,241126,000.0,E*6B\r\n"
	station  = "\x02I114124841412484\x03"
	fleet    = "$PKLSH,0651.3282,S,10800.6354,E,024314,A,178,2630,*3A\r\n"
	packet   = "YB1ZZZ-9>APRS,WIDE1-1:!0650.18S/10813.64E>tes\r\n"
	short    = "+CTSDSR: 12,1000001,0,9999,0,84\r\n0A0088BD4247F737FFE810\r\n"
)

func TestEveryProtocolIsToldFromTheOthers(t *testing.T) {
	t.Parallel()
	from, err := ax25.ParseAddress("YB1ZZZ-9")
	if err != nil {
		t.Fatal(err)
	}
	to, err := ax25.ParseAddress("APRS")
	if err != nil {
		t.Fatal(err)
	}
	ui := ax25.Frame{Source: from, Destination: to, Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte("!0650.18S/10813.64E>tes")}
	for name, c := range map[string]struct {
		bytes string
		want  devices.Protocol
	}{
		"kenwood frames":           {station + station, devices.Kenwood},
		"kenwood sentences":        {fleet + fleet, devices.Kenwood},
		"a receiver":               {position + position, devices.NMEA},
		"kenwood with a receiver":  {position + fleet + position + station, devices.Kenwood},
		"packets as text":          {packet + packet, devices.APRS},
		"packets from a TNC":       {string(kiss.Encode(0, ui.Append(nil))), devices.KISS},
		"short data":               {short + short, devices.TETRA},
		"kenwood in some noise":    {"\xff\x00\x81" + fleet + "\x00\x00" + fleet, devices.Kenwood},
		"a frame cut at its start": {fleet[20:] + fleet + fleet, devices.Kenwood},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := trial(9600)
			tr.Feed([]byte(c.bytes), time.Time{})
			tr.Flush(time.Time{})
			got, found := tr.Found()
			if !found || got.Protocol != c.want {
				t.Fatalf("found %v: %+v", found, tr.Scores())
			}
			if s := tr.Finding(); !strings.Contains(s, "9600 baud, "+string(c.want)+": ") {
				t.Fatal(s)
			}
		})
	}
}

func TestThreeGoodFramesAreClear(t *testing.T) {
	t.Parallel()
	tr := trial(9600)
	for i := range 3 {
		if _, is := tr.Clear(); is {
			t.Fatalf("clear after %d frames", i)
		}
		tr.Feed([]byte(fleet), time.Time{})
	}
	if _, is := tr.Clear(); !is {
		t.Fatalf("%+v", tr.Scores())
	}
	if got, want := tr.Finding(), "9600 baud, kenwood: 3 good frames of 3, 0 bytes of noise"; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
}

// TestWrongSpeedIsNotTakenForAnything: what a port delivers at a wrong speed, many
// times over, is never found to be a protocol.
func TestWrongSpeedIsNotTakenForAnything(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 12))
	for range 2000 {
		tr := trial(4800)
		p := make([]byte, 1+random.IntN(200))
		for i := range p {
			switch random.IntN(4) {
			case 0: // characters with wrong framing come as zeros
			case 1:
				p[i] = "\x02\x03\r\n\xC0$*>: "[random.IntN(10)]
			default:
				p[i] = byte(random.Uint32())
			}
		}
		tr.Feed(p, time.Time{})
		tr.Flush(time.Time{})
		if s, found := tr.Found(); found {
			t.Fatalf("%x was taken for %+v", p, s)
		}
	}
}

func TestFailingSaysWhy(t *testing.T) {
	t.Parallel()
	silent := trial(4800)
	if got := silent.Failing(); got != "at 4800: nothing heard" {
		t.Fatal(got)
	}
	zeros := trial(19200) // every character's framing is wrong
	zeros.Feed(make([]byte, 40), time.Time{})
	zeros.Flush(time.Time{})
	if got := zeros.Failing(); !strings.HasPrefix(got, "at 19200: 100 % framing noise: 40 bytes, no good frame of ") {
		t.Fatal(got)
	}
	if s := zeros.Scores()[0]; s.NoiseBytes != 40 {
		t.Fatalf("%+v", s)
	}
	mostly := trial(38400)
	mostly.Feed([]byte(station+strings.Repeat("\xff", 84)), time.Time{})
	mostly.Flush(time.Time{})
	if _, found := mostly.Found(); found || !strings.Contains(mostly.Failing(), "at 38400: 82 % framing noise: kenwood best, 1 good frame of 2") {
		t.Fatal(mostly.Failing())
	}
	if mostly.Full() {
		t.Fatal("full after 96 bytes")
	}
	mostly.Feed(make([]byte, 9000), time.Time{})
	if !mostly.Full() {
		t.Fatal("not full after 9 KB")
	}
}

func TestSpeedsAndPreference(t *testing.T) {
	t.Parallel()
	if got := autobaud.Speeds(); !slices.Equal(got, []int{4800, 9600, 19200, 38400, 57600, 115200}) {
		t.Errorf("%v", got)
	}
	// A receiver's sentences are read by the decoders of radios too.
	if got := autobaud.Protocols(); !slices.Equal(got, []devices.Protocol{devices.NMEA, devices.APRS, devices.Kenwood, devices.KISS, devices.TETRA}) {
		t.Errorf("%v", got)
	}
}
