package kiss_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/ax25"
	"htgateway/devices/protocol/kiss"
)

// frames are the shared frames and the TNC2 text that they carry, empty where
// they carry none.
func frames(t testing.TB) (raw [][]byte, tnc2 []string) {
	t.Helper()
	f, err := os.Open("../testdata/vectors/kiss_frames.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v struct {
			Hex    string
			Expect struct{ TNC2 string }
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		raw, tnc2 = append(raw, b), append(tnc2, v.Expect.TNC2)
	}
	return raw, tnc2
}

func TestFramesCarryTheirText(t *testing.T) {
	t.Parallel()
	raw, tnc2 := frames(t)
	for i, b := range raw {
		if tnc2[i] == "" {
			continue
		}
		if b[0] != 0xC0 { // a bare AX.25 frame
			if r, err := kiss.Decode(b, time.Time{}); err != nil || r.Device != "aprs:N4MTT-2" {
				t.Errorf("bare frame: %+v %v", r, err)
			}
			continue
		}
		var d kiss.Decoder
		got := d.Feed(b, time.Time{})
		if len(got) != 1 {
			t.Errorf("%x: %d frames", b, len(got))
			continue
		}
		body := bytes.ReplaceAll(bytes.ReplaceAll(got[0].Raw, []byte{0xDB, 0xDC}, []byte{0xC0}), []byte{0xDB, 0xDD}, []byte{0xDB})
		f, err := ax25.Parse(body[1:])
		// One vector marks every repeater that was used, not only the last.
		if err != nil || strings.Count(tnc2[i], "*") < 2 && strings.TrimRight(string(devicestest.TNC2(&f)), "\r") != strings.TrimRight(tnc2[i], "\r") {
			t.Errorf("%q, %v, want %q", devicestest.TNC2(&f), err, tnc2[i])
		}
		if again := kiss.Encode(int(body[0]>>4), f.Append(nil)); len(again) != len(b) {
			t.Errorf("%q encoded to %d bytes, came as %d", tnc2[i], len(again), len(b))
		}
	}
}

func TestBadFrames(t *testing.T) {
	t.Parallel()
	good := kiss.Encode(0, (&ax25.Frame{
		Destination: ax25.Address{Call: "APRS"}, Source: ax25.Address{Call: "YB1ZZZ", SSID: 9},
		Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte(">TIBA"),
	}).Append(nil))
	for _, c := range []struct {
		name, before string
		want         error
		count        int
	}{
		{"noise before the first FEND", "+++ATZ", kiss.ErrNoise, 1},
		{"escape of nothing", "\xC0\x00ab\xDBc\xC0", kiss.ErrEscape, 1},
		{"half a frame", string(good[:12]), ax25.ErrShort, 1},
		{"frame without end", "\xC0" + string(bytes.Repeat([]byte("x"), 5000)), kiss.ErrLength, 3},
		{"answer of the TNC itself", "\xC0\x06abc\xC0", nil, 1},
		{"idle", "\xC0\xC0\xC0\xC0", nil, 0},
	} {
		var d kiss.Decoder
		got := d.Feed(append([]byte(c.before), good...), time.Time{})
		if len(got) != c.count+1 {
			t.Errorf("%s: %d frames: %v", c.name, len(got), got)
			continue
		}
		if c.count > 0 && !errors.Is(got[0].Err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got[0].Err, c.want)
		}
		if last := got[c.count]; last.Err != nil || last.Report.Device != "aprs:YB1ZZZ-9" || last.Report.Text != "TIBA" {
			t.Errorf("%s: the good frame after it: %+v", c.name, last)
		}
		for _, f := range got {
			if len(f.Raw) > 4096 {
				t.Errorf("%s: kept %d bytes", c.name, len(f.Raw))
			}
		}
	}
}

func TestQuietEndsAHalfFrame(t *testing.T) {
	t.Parallel()
	var d kiss.Decoder
	d.Feed([]byte("\xC0\x00half"), time.Time{})
	got := d.Flush(time.Time{})
	if len(got) != 1 || !errors.Is(got[0].Err, kiss.ErrUnfinished) {
		t.Errorf("%v", got)
	}
	if got := d.Flush(time.Time{}); len(got) != 0 {
		t.Errorf("flushed twice: %v", got)
	}
}

// FuzzDecoder holds that any cut of the same bytes gives the same frames, and that
// none is kept at over 4 KiB.
func FuzzDecoder(f *testing.F) {
	raw, _ := frames(f)
	for _, b := range raw {
		f.Add(b, 7)
	}
	for _, input := range devicestest.Corpus(f) {
		f.Add(input, 7)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		var whole, parts kiss.Decoder
		want := fmt.Sprintf("%v", append(whole.Feed(b, time.Time{}), whole.Flush(time.Time{})...))
		var got []devices.Frame
		for rest, n := b, 1+abs(cut)%16; len(rest) > 0; {
			n = min(n, len(rest))
			got = append(got, parts.Feed(rest[:n], time.Time{})...)
			rest = rest[n:]
		}
		got = append(got, parts.Flush(time.Time{})...)
		if len(fmt.Sprintf("%v", got)) != len(want) {
			t.Errorf("cut into %d: %v, whole: %v", cut, got, want)
		}
		for _, frame := range got {
			if len(frame.Raw) > 4096 {
				t.Errorf("kept %d bytes", len(frame.Raw))
			}
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// BenchmarkHalfGarbage is framing and reading of a stream of which half is noise;
// at most the frame that the noise touches may be lost.
func BenchmarkHalfGarbage(b *testing.B) {
	raw, _ := frames(b)
	random := rand.New(rand.NewPCG(1, 2))
	var stream []byte
	good := 0
	for len(stream) < 1<<20 {
		frame := raw[random.IntN(len(raw))]
		var probe kiss.Decoder
		for _, f := range probe.Feed(frame, time.Time{}) {
			if f.Err == nil {
				good++
			}
		}
		stream = append(stream, frame...)
		for range len(frame) {
			stream = append(stream, byte(random.IntN(0xC0)))
		}
	}
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	read := 0
	for b.Loop() {
		var d kiss.Decoder
		read = 0
		for rest := stream; len(rest) > 0; {
			n := min(4096, len(rest))
			for _, f := range d.Feed(rest[:n], time.Time{}) {
				if f.Err == nil {
					read++
				}
			}
			rest = rest[n:]
		}
	}
	if read < good {
		b.Errorf("%d good frames of %d", read, good)
	}
	b.ReportMetric(float64(read)*float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

func ExampleDecoder() {
	frame := ax25.Frame{
		Destination: ax25.Address{Call: "APRS"}, Source: ax25.Address{Call: "YB1ZZZ", SSID: 9},
		Control: ax25.ControlUI, PID: ax25.NoLayer3, Info: []byte("!0649.96S/10813.66E>088/036"),
	}
	var d kiss.Decoder
	for _, f := range d.Feed(kiss.Encode(0, frame.Append(nil)), time.Time{}) {
		fmt.Printf("%s %.4f %.4f\n", f.Report.Device, f.Report.Fix.Point[1], f.Report.Fix.Point[0])
	}
	// Output: aprs:YB1ZZZ-9 -6.8327 108.2277
}
