package devices_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/aprs"
	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/kiss"
	"htgateway/devices/protocol/nmea"
	"htgateway/devices/protocol/tetra"
)

// line is one protocol of serial lines, with a good frame of it.
type line struct {
	name  string
	open  func() protocol.LineDecoder
	frame string
}

func protocols() []line {
	packet := ax25.Frame{
		Destination: ax25.Address{Call: "APRS"}, Source: ax25.Address{Call: "YB1ZZZ", SSID: 9},
		Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte("!0649.96S/10813.66E>088/036"),
	}
	return []line{
		{"kenwood STX", func() protocol.LineDecoder { return kenwood.NewDecoder() }, "\x02I110010011001001\x03"},
		{"kenwood sentence", func() protocol.LineDecoder { return kenwood.NewDecoder() }, "$PKLID,00,100,1001,13,00,*69\r\n"},
		{"nmea", func() protocol.LineDecoder { return &nmea.Decoder{} }, "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"},
		{"aprs", func() protocol.LineDecoder { return &aprs.Decoder{} }, "YB1ZZZ-9>APRS,WIDE1-1:!0649.96S/10813.66E>088/036\r\n"},
		{"kiss", func() protocol.LineDecoder { return &kiss.Decoder{} }, string(kiss.Encode(0, packet.Append(nil)))},
		{"tetra", func() protocol.LineDecoder { return tetra.NewDecoder() }, "+CTSDSR: 13,1234567,0,2345678,0,16\r\n8004\r\n"},
	}
}

// TestEveryLineIsTried: what follows is done with each protocol of the catalogue.
func TestEveryLineIsTried(t *testing.T) {
	t.Parallel()
	for _, e := range protocol.Lines() {
		if !slices.ContainsFunc(protocols(), func(l line) bool { return strings.HasPrefix(l.name, string(e.Name)) }) {
			t.Errorf("no frame of %s", e.Name)
		}
	}
}

func good(frames []devices.Frame) int {
	n := 0
	for _, f := range frames {
		if f.Err == nil && (f.Report.Device != "" || f.Report.Fix != nil) {
			n++
		}
	}
	return n
}

// TestGarbageCostsOneFrameAtMost puts random bytes between runs of good frames: at
// most the frame that the garbage touches is lost, and what is kept is bounded.
func TestGarbageCostsOneFrameAtMost(t *testing.T) {
	t.Parallel()
	const run = 5
	for _, l := range protocols() {
		random := rand.New(rand.NewPCG(7, 9))
		for block := range 3000 {
			d := l.open()
			garbage := make([]byte, 1+random.IntN(200))
			for i := range garbage {
				garbage[i] = byte(random.IntN(256))
			}
			var stream []byte
			for range run {
				stream = append(stream, l.frame...)
			}
			stream = append(stream, garbage...)
			for range run {
				stream = append(stream, l.frame...)
			}
			frames := append(d.Feed(stream, time.Time{}), d.Flush(time.Time{})...)
			if n := good(frames); n < 2*run-1 {
				t.Errorf("%s, block %d: %d of %d frames; garbage % x", l.name, block, n, 2*run, garbage)
				break
			}
			for _, f := range frames {
				if len(f.Raw) > 4096 {
					t.Errorf("%s: kept %d bytes", l.name, len(f.Raw))
				}
			}
		}
	}
}

// BenchmarkHalfGarbage cuts and reads streams of which half is noise.
func BenchmarkHalfGarbage(b *testing.B) {
	for _, l := range protocols() {
		b.Run(l.name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(7, 9))
			var stream []byte
			for len(stream) < 1<<20 {
				stream = append(stream, l.frame...)
				for range len(l.frame) {
					stream = append(stream, byte(random.IntN(256)))
				}
			}
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				d := l.open()
				n = 0
				for rest := stream; len(rest) > 0; {
					piece := rest[:min(4096, len(rest))]
					n += good(d.Feed(piece, time.Time{}))
					rest = rest[len(piece):]
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}
