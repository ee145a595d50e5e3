package kenwood_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/nmea"
	"htgateway/geo"
)

// vectors are the shared frames; cmd/htgateway checks every field of theirs.
func vectors(t testing.TB) (frames [][]byte, refused []bool) {
	t.Helper()
	for _, name := range []string{"kenwood.jsonl", "captured.jsonl"} {
		f, err := os.Open("../testdata/vectors/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var v struct {
				Protocol, Hex, Text string
				Expect              map[string]any
			}
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			if v.Protocol != "kenwood" {
				continue
			}
			frame, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			if v.Hex == "" {
				frame = []byte(v.Text)
			}
			frames = append(frames, frame)
			refused = append(refused, v.Expect["error"] == true)
		}
	}
	return frames, refused
}

func TestOneFrame(t *testing.T) {
	t.Parallel()
	d := kenwood.NewDecoder()
	for _, c := range []struct {
		name, frame string
		want        devices.Report
	}{
		{"begin of transmission", "\x02I110010011001001\x03", devices.Report{Kind: devices.KindID, Device: "fleetsync:100-1001"}},
		{"id once", "\x02D2001814\x03", devices.Report{Kind: devices.KindID, Device: "fleetsync:200-1814"}},
		{"NEXEDGE id", "\x02gI0U03001U03001\x03", devices.Report{Kind: devices.KindID, Device: "nexedge:03001"}},
		{"long NEXEDGE id", "\x02gI1U00001205U00001205\x03", devices.Report{Kind: devices.KindID, Device: "nexedge:00001205"}},
		{"dPMR status", "\x02E0000001010000009990002\x03", devices.Report{Kind: devices.KindStatus, Device: "nexedge:000000101", To: "000000999", StatusCode: "0002"}},
		{"dPMR status with a space", "\x02xE000000101000000999 0002\x03", devices.Report{Kind: devices.KindStatus, Device: "nexedge:000000101", To: "000000999", StatusCode: "0002"}},
		{"NXDN status of unknown division", "\x02EU00001205U00001500001202\x03", devices.Report{Kind: devices.KindOther, Device: "nexedge:00001205", To: "00001500", Text: "001202"}},
		{"command done", "\x020\x03", devices.Report{Kind: devices.KindAck}},
		{"command failed", "\x021\x03", devices.Report{Kind: devices.KindAck, Text: "failed"}},
		{"text", "\x02F1001001TIBA di lokasi\x03", devices.Report{Kind: devices.KindMessage, Device: "fleetsync:100-1001", Text: "TIBA di lokasi"}},
		{"key alone", "$PKLID,00,100,1001,13,00,*2A\r\n", devices.Report{Kind: devices.KindStatus, Device: "fleetsync:100-1001", StatusCode: "13"}},
		{"sentence in framing", "\x02$PKLID,00,100,1001,13,00,*2A\x03", devices.Report{Kind: devices.KindStatus, Device: "fleetsync:100-1001", StatusCode: "13"}},
	} {
		sum := c.frame
		if i := strings.IndexByte(sum, '*'); i > 0 {
			sum = withChecksum(sum)
		}
		c.want.Protocol = devices.Kenwood
		got, err := d.Decode([]byte(sum))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got.Kind != c.want.Kind || got.Device != c.want.Device || got.To != c.want.To || got.StatusCode != c.want.StatusCode || got.Text != c.want.Text {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// withChecksum puts the right checksum into a sentence.
func withChecksum(s string) string {
	from, to := strings.IndexByte(s, '$')+1, strings.IndexByte(s, '*')
	var sum byte
	for i := from; i < to; i++ {
		sum ^= s[i]
	}
	return s[:to+1] + strings.ToUpper(hex.EncodeToString([]byte{sum})) + s[to+3:]
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := kenwood.NewDecoder()
	for _, c := range []struct {
		name, frame string
		want        error
	}{
		{"copies differ", "\x02I110010011001002\x03", kenwood.ErrGarbled},
		{"a digit short", "\x02I11001001100100\x03", kenwood.ErrGrammar},
		{"neither begin nor end", "\x02I210010011001001\x03", kenwood.ErrGrammar},
		{"no end", "\x02I1100100", kenwood.ErrUnfinished},
		{"unknown letter", "\x02Z123\x03", kenwood.ErrGrammar},
		{"empty", "\x02\x03", kenwood.ErrGrammar},
		{"noise", "hello", kenwood.ErrNoise},
		{"wrong checksum", "$PKLID,00,100,1001,13,00,*00", nmea.ErrChecksum},
		{"no checksum", "$PKLID,00,100,1001,13,00,", nmea.ErrNoChecksum},
		{"longitude missing", withChecksum("$PKLSH,2913.1141,N,,,175302,A,100,2016,*00"), nmea.ErrNoPosition},
		{"sixty minutes", withChecksum("$PKLSH,0660.0000,S,10800.0000,E,175302,A,100,2016,*00"), nmea.ErrField},
		{"null island", withChecksum("$PKLSH,0000.0000,N,00000.0000,E,175302,A,100,2016,*00"), geo.ErrNullIsland},
		{"beyond the pole", withChecksum("$PKLSH,9100.0000,S,10800.0000,E,175302,A,100,2016,*00"), geo.ErrOutOfRange},
		{"NaN", withChecksum("$PKLSH,NaN,S,10800.0000,E,175302,A,100,2016,*00"), nmea.ErrField},
		{"validity", withChecksum("$PKLSH,0650.0000,S,10800.0000,E,175302,X,100,2016,*00"), kenwood.ErrGrammar},
		{"fleet", withChecksum("$PKLSH,0650.0000,S,10800.0000,E,175302,A,10,2016,*00"), kenwood.ErrGrammar},
	} {
		r, err := d.Decode([]byte(c.frame))
		if !errors.Is(err, c.want) || r.Fix != nil {
			t.Errorf("%s: %v, fix %v", c.name, err, r.Fix)
		}
	}
}

func TestFixWithoutLockIsKeptAndMarked(t *testing.T) {
	t.Parallel()
	r, err := kenwood.NewDecoder().Decode([]byte("$PKLSH,3851.3330,N,09447.9417,W,012212,V,100,1202,*24"))
	if err != nil || r.Fix == nil || !r.Fix.NoLock || r.HasLiveFix() {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestSplitAnywhere feeds all vectors as one stream with noise between them, cut
// at every place: the same frames must come out.
func TestSplitAnywhere(t *testing.T) {
	t.Parallel()
	frames, _ := vectors(t)
	var stream []byte
	for i, f := range frames[:40] {
		stream = append(append(stream, f...), "\r\n"...)
		if i%5 == 0 {
			stream = append(stream, "\xff\x00noise\r\n"...)
		}
	}
	want := said(kenwood.NewDecoder(), stream, len(stream))
	for cut := 1; cut < 120; cut++ {
		if got := said(kenwood.NewDecoder(), stream, cut); !slices.Equal(got, want) {
			t.Fatalf("cut into pieces of %d: %d frames, want %d", cut, len(got), len(want))
		}
	}
}

func said(d *kenwood.Decoder, stream []byte, piece int) []string {
	var out []string
	take := func(frames []devices.Frame) {
		for _, f := range frames {
			out = append(out, string(f.Raw))
		}
	}
	for len(stream) > 0 {
		n := min(piece, len(stream))
		take(d.Feed(stream[:n], time.Time{}))
		stream = stream[n:]
	}
	take(d.Flush(time.Time{}))
	return out
}

func TestNextGoodFrameDecodes(t *testing.T) {
	t.Parallel()
	const good = "\x02I110010011001001\x03"
	for _, bad := range []string{
		"\xff\xfe\x00\x01", "\x02I1100", "$PKLSH,0651.3", "$PKLSH,0651.3282,S*00\r\n", strings.Repeat("x", 10_000), "\x02" + strings.Repeat("y", 10_000), "$" + strings.Repeat("z", 500),
	} {
		d := kenwood.NewDecoder()
		frames := slices.Concat(d.Feed([]byte(bad), time.Time{}), d.Feed([]byte(good), time.Time{}))
		if len(frames) == 0 || frames[len(frames)-1].Err != nil || frames[len(frames)-1].Report.Device != "fleetsync:100-1001" {
			t.Errorf("after %.20q: %d frames", bad, len(frames))
		}
		if frames[0].Err == nil {
			t.Errorf("%.20q was not refused", bad)
		}
	}
}

func FuzzFeed(f *testing.F) {
	frames, _ := vectors(f)
	for _, frame := range frames[:20] {
		f.Add(frame, 3)
	}
	f.Add([]byte("\x02I1100\xff$PKLSH,06$PKNSH\x03\x02\x02"), 1)
	for _, input := range devicestest.Corpus(f) {
		f.Add(input, 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		d := kenwood.NewDecoder()
		cut = min(max(cut, 0), len(stream))
		all := slices.Concat(d.Feed(stream[:cut], time.Time{}), d.Feed(stream[cut:], time.Time{}), d.Flush(time.Time{}))
		for _, fr := range all {
			if len(fr.Raw) > 4096 {
				t.Fatalf("a frame of %d bytes was kept", len(fr.Raw))
			}
			if fr.Err != nil && fr.Report.Fix != nil {
				t.Fatal("a refused frame has a position")
			}
			if fr.Report.Fix != nil && geo.CheckPoint(fr.Report.Fix.Point) != nil {
				t.Fatalf("bad point %v", fr.Report.Fix.Point)
			}
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	frames, _ := vectors(b)
	var stream []byte
	for _, f := range frames {
		stream = append(append(stream, f...), "\r\n"...)
	}
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n += len(kenwood.NewDecoder().Feed(stream, time.Time{}))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "frames/s")
}
