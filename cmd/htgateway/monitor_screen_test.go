package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/devices/protocol/autobaud"
	"htgateway/devices/protocol/kenwood"
	"htgateway/geo"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestScreenShowsWhatAFrameSays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 2, 25, 11, 123_000_000, time.Local)
	fix := &geo.Fix{Point: orb.Point{108.2274, -6.8364}, NoLock: true, SpeedMPS: geo.Measured(12.04), CourseDeg: geo.Measured(270), AltitudeM: geo.Measured(141), AccuracyM: geo.Measured(5)}
	for name, c := range map[string]struct {
		frame devices.Frame
		want  string
	}{
		"all of it": {
			devices.Frame{Report: devices.Report{Protocol: devices.TETRA, Kind: devices.KindPosition, Device: "tetra:1234567", To: "9999", Fix: fix, Status: devices.StatusEmergency,
				StatusCode: "0", Emergency: true, Text: "tolong", BatteryPct: geo.Measured(80), RSSIdBm: geo.Measured(-93)}},
			`02:25:11.123  tetra    tetra:1234567        position  EMERGENCY  emergency (code 0)  -6.83640 108.22740  no lock  12.0 m/s  270 deg  141 m high  +-5 m  to 9999  "tolong"  battery 80 %  -93 dBm` + "\n",
		},
		"a key that is no press": {
			devices.Frame{Report: devices.Report{Protocol: devices.Kenwood, Kind: devices.KindPosition, Device: "fleetsync:102-1001", StatusCode: "80"}},
			"02:25:11.123  kenwood  fleetsync:102-1001   position  code 80, no press\n",
		},
		"nobody's other": {
			devices.Frame{Raw: []byte("OK\x1b"), Report: devices.Report{Protocol: devices.TETRA, Kind: devices.KindOther}},
			"02:25:11.123  tetra  other  \"OK\\x1b\"\n",
		},
		"a text that steers the terminal": {
			devices.Frame{Report: devices.Report{Protocol: devices.APRS, Kind: devices.KindMessage, Device: "aprs:\x1b[2J", Text: "\x1b]0;x\a"}},
			"02:25:11.123  aprs     aprs:?[2J            message   \"\\x1b]0;x\\a\"\n",
		},
		"noise": {
			devices.Frame{Raw: bytes.Repeat([]byte{0xfe}, 70), Err: fmt.Errorf("%w: here", kenwood.ErrNoise)},
			"02:25:11.123  noise, 70 bytes: " + strings.Repeat("fe ", 64) + "...\n",
		},
		"refused": {
			devices.Frame{Raw: []byte("\x02I1"), Report: devices.Report{Protocol: devices.Kenwood, Device: "fleetsync:1-2"}, Err: errors.New("bad \x1b")},
			"02:25:11.123  kenwood  fleetsync:1-2  refused: bad ?\n    00000000  02 49 31                                          |.I1|\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			newScreen(&b, false).frame(at, &c.frame)
			if b.String() != c.want {
				t.Fatalf("got  %q\nwant %q", b.String(), c.want)
			}
		})
	}
}

func TestColourOnlyWhereItIsWanted(t *testing.T) {
	t.Parallel()
	f := devices.Frame{Raw: []byte("x"), Err: errors.New("no")}
	for _, coloured := range []bool{true, false} {
		var b bytes.Buffer
		newScreen(&b, coloured).frame(time.Now(), &f)
		if got := strings.Contains(b.String(), "\x1b[31m"); got != coloured {
			t.Errorf("coloured %v: %q", coloured, b.String())
		}
	}
}

func TestSilenceIsToldEveryHalfMinute(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	s := silence{since: t0, noted: t0}
	var said []time.Duration
	for second := range 100 {
		if second == 65 {
			s.heard(t0.Add(65 * time.Second))
		}
		if d, long := s.tick(t0.Add(time.Duration(second) * time.Second)); long {
			said = append(said, d)
		}
	}
	if fmt.Sprint(said) != "[30s 1m0s 30s]" {
		t.Fatal(said)
	}
	var b bytes.Buffer
	newScreen(&b, false).silent(t0, said[1], "it is in use")
	if !strings.Contains(b.String(), "nothing heard for 1m0s: it is in use") {
		t.Fatal(b.String())
	}
}

func TestAFloodOfNamesIsNotListedForEver(t *testing.T) {
	t.Parallel()
	var tl tally
	for i := range maxListed + 10 {
		tl.count(&devices.Frame{Report: devices.Report{Device: devices.Identity(fmt.Sprintf("fleetsync:1-%d", i))}})
	}
	tl.count(&devices.Frame{Report: devices.Report{Device: "fleetsync:1-1"}})
	if len(tl.devices) != maxListed || tl.unlisted != 10 || tl.frames != maxListed+11 || tl.devices["fleetsync:1-1"] != 2 {
		t.Fatalf("%d listed, %d not, %d frames", len(tl.devices), tl.unlisted, tl.frames)
	}
}

// FuzzMonitor: whatever a line says in whatever protocol, nothing of it steers the
// technician's terminal, and every byte is counted.
func FuzzMonitor(f *testing.F) {
	f.Add([]byte("\x02I114124841412484\x03\x1b[2J\x00\r\n"), 5)
	f.Add([]byte("YB1ZZZ-9>APRS::ALL      :\x1b]0;x\a{1\r\n"), 9)
	f.Add([]byte("\xc0\x00\x82\xa0\xa4\xa6@@`\x03\xf0>\xc0"), 1)
	f.Fuzz(func(t *testing.T, p []byte, cut int) {
		cut = min(max(cut, 0), len(p))
		now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		listen := func(m *monitor) {
			m.Bytes(p[:cut], now)
			m.Bytes(p[cut:], now)
			m.Quiet(now)
		}
		check := func(name string, m *monitor, out *bytes.Buffer) {
			if i := bytes.IndexFunc(out.Bytes(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Fatalf("%s: control byte at %d of %q", name, i, out)
			}
			if m.tally.bytes != len(p) {
				t.Fatalf("%s: %d bytes of %d counted", name, m.tally.bytes, len(p))
			}
		}
		for _, protocol := range autobaud.Protocols() {
			var out bytes.Buffer
			m := &monitor{screen: newScreen(&out, false), codebook: devices.DefaultCodebook()}
			m.settle(0, protocol, now)
			listen(m)
			check(string(protocol), m, &out)
		}
		var out bytes.Buffer
		m := &monitor{screen: newScreen(&out, false), codebook: devices.DefaultCodebook()}
		gaveUp := false
		m.beginTrial(9600, time.Hour, func() { gaveUp = true })
		listen(m)
		check("auto", m, &out)
		if len(p) > 0 && m.trial != nil && !gaveUp {
			t.Fatalf("%q was neither found nor given up", p)
		}
	})
}
