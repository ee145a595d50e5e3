package aprs_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/aprs"
	"htgateway/geo"
)

// packets are the shared packets; cmd/htgateway checks what each must say.
func packets(t testing.TB, file string) [][]byte {
	t.Helper()
	f, err := os.Open("../testdata/vectors/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]byte
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v struct{ Hex string }
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

var at = time.Date(2026, 7, 1, 0, 10, 0, 0, time.UTC)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, packet string
		want         devices.Report
	}{
		{"status with time", "YB1ZZZ-9>APRS:>010005zTIBA", devices.Report{Kind: devices.KindStatus, Device: "aprs:YB1ZZZ-9", Text: "TIBA", Standing: true}},
		{"message with number", "YB1ZZZ-9>APRS::YB1MJL   :OTW{7", devices.Report{Kind: devices.KindMessage, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "OTW", Sequence: "7"}},
		{"message with reply-ack", "YB1ZZZ-9>APRS::YB1MJL   :OTW{7}A", devices.Report{Kind: devices.KindMessage, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "OTW", Sequence: "7"}},
		{"ack", "YB1ZZZ-9>APRS::YB1MJL   :ack12", devices.Report{Kind: devices.KindAck, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "ack", Sequence: "12"}},
		{"reply-ack", "YB1ZZZ-9>APRS::YB1MJL   :ack12}A1", devices.Report{Kind: devices.KindAck, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "ack", Sequence: "12"}},
		{"rejection", "YB1ZZZ-9>APRS::YB1MJL   :rej12", devices.Report{Kind: devices.KindAck, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "rej", Sequence: "12"}},
		{"third party", "YB1GTE>APRS:}YB1ZZZ-9>APRS,TCPIP,YB1GTE*::YB1MJL   :TIBA{9", devices.Report{Kind: devices.KindMessage, Device: "aprs:YB1ZZZ-9", To: "YB1MJL", Text: "TIBA", Sequence: "9"}},
		{"telemetry", "YB1ZZZ-9>APRS:T#005,199,000,255,073,123,01101001", devices.Report{Kind: devices.KindOther, Device: "aprs:YB1ZZZ-9"}},
		{"query", "YB1ZZZ-9>APRS:?APRS?", devices.Report{Kind: devices.KindOther, Device: "aprs:YB1ZZZ-9"}},
	} {
		c.want.Protocol, c.want.ReceivedAt = devices.APRS, at
		got, err := aprs.Decode([]byte(c.packet), at)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s:\n got %+v (%v)\nwant %+v", c.name, got, err, c.want)
		}
	}
}

// TestMicEMessages holds the eight standard messages to what a dispatcher reads.
func TestMicEMessages(t *testing.T) {
	t.Parallel()
	book := devices.DefaultCodebook()
	for _, c := range []struct {
		destination, code string
		want              devices.Status
		emergency         bool
	}{
		{"PVQ0U2", "off duty", "", false},
		{"PV10U2", "en route", devices.StatusEnRoute, false},
		{"P6Q0U2", "in service", devices.StatusInProgress, false},
		{"P610U2", "returning", devices.StatusReturning, false},
		{"0VQ0U2", "committed", devices.StatusOnScene, false},
		{"0V10U2", "special", devices.StatusCompleted, false},
		{"06Q0U2", "priority", devices.StatusNeedsAssistance, false},
		{"0610U2", "emergency", devices.StatusEmergency, true},
		{"AGB0U2", "custom 0", devices.StatusOther, false},
		{"AVB0U2", "", "", false}, // both sets at once: unknown
	} {
		r, err := aprs.Decode([]byte("YB0TST-9>"+c.destination+":`rM[l \x1c>/"), at)
		if err != nil {
			t.Errorf("%s: %v", c.destination, err)
			continue
		}
		book.Interpret(&r)
		if r.StatusCode != c.code || r.Status != c.want || r.Emergency != c.emergency || c.code != "" && !r.Standing {
			t.Errorf("%s: code %q status %q emergency %v standing %v, want %q %q", c.destination, r.StatusCode, r.Status, r.Emergency, r.Standing, c.code, c.want)
		}
	}
}

func TestAmbiguityIsAccuracy(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]float64{
		"!0649.9 S/10813.6 E>": 93, "!0649.  S/10813.  E>": 926, "!064 .  S/1081 .  E>": 9260, "!06  .  S/108  .  E>": 55560,
	} {
		r, err := aprs.Decode([]byte("YB1ZZZ-9>APRS:"+packet), at)
		if err != nil {
			t.Errorf("%s: %v", packet, err)
			continue
		}
		if got := r.Fix.AccuracyM.Or(0); got < want-1 || got > want+1 {
			t.Errorf("%s: within %.0f m, want %.0f", packet, got, want)
		}
	}
}

func TestTimeOfDayIsPlacedAroundMidnight(t *testing.T) {
	t.Parallel()
	for stamp, want := range map[string]time.Time{
		"000905h": time.Date(2026, 7, 1, 0, 9, 5, 0, time.UTC),
		"235905h": time.Date(2026, 6, 30, 23, 59, 5, 0, time.UTC),
		"010009z": {}, // no seconds
		"250000h": {},
	} {
		r, err := aprs.Decode([]byte("YB1ZZZ-9>APRS:/"+stamp+"0649.96S/10813.66E>"), at)
		if err != nil || !r.DeviceTime.Equal(want) {
			t.Errorf("%s: %v (%v), want %v", stamp, r.DeviceTime, err, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for packet, want := range map[string]error{
		"":                                 aprs.ErrHeader,
		"no header here":                   aprs.ErrHeader,
		"YB1ZZZ-9>APRS:":                   aprs.ErrShort,
		"YB1_ZZ>APRS:>x":                   aprs.ErrCall,
		"YB1ZZZ>APRS-16:>x":                aprs.ErrCall,
		"YB1ZZZ>APRS:!0000.00N/00000.00E>": geo.ErrNullIsland,
		"YB1ZZZ>APRS:!9949.96S/10813.66E>": aprs.ErrPosition,
		"YB1ZZZ>APRS:!0649.96S/1081":       aprs.ErrShort,
		"YB1ZZZ>APRS::YB1MJL:x":            aprs.ErrMessage,
		"A>B:}A>B:}A>B:}A>B:>x":            aprs.ErrUnsupported,
	} {
		r, err := aprs.Decode([]byte(packet), at)
		if !errors.Is(err, want) || r.Fix != nil {
			t.Errorf("%q: %v, want %v", packet, err, want)
		}
	}
}

func TestDecoderCutsLines(t *testing.T) {
	t.Parallel()
	var d aprs.Decoder
	in := "YB1AAA>APRS:>one\r\nYB1BBB>APRS:>two\n" + string(make([]byte, 3000)) + "\nYB1CCC>APRS:>three\r"
	var good []devices.Identity
	for i := range len(in) {
		for _, f := range d.Feed([]byte(in[i:i+1]), at) {
			if f.Err == nil {
				good = append(good, f.Report.Device)
			} else if len(f.Raw) > aprs.MaxPacket+1 {
				t.Errorf("kept %d bytes", len(f.Raw))
			}
		}
	}
	if fmt.Sprint(good) != "[aprs:YB1AAA aprs:YB1BBB aprs:YB1CCC]" {
		t.Error(good)
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"aprs.jsonl", "aprs_fuzz.jsonl"} {
		for _, p := range packets(f, file) {
			f.Add(p)
		}
	}
	for _, input := range devicestest.Corpus(f) {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := aprs.Decode(b, at)
		if err != nil && r.Fix != nil {
			t.Errorf("%q refused with a position", b)
		}
		if err == nil && r.Fix != nil {
			if err := geo.CheckPoint(r.Fix.Point); err != nil {
				t.Errorf("%q: %v", b, err)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%q: %v", b, err)
		}
		var d aprs.Decoder
		for _, frame := range append(d.Feed(b, at), d.Flush(at)...) {
			if len(frame.Raw) > aprs.MaxPacket+1 {
				t.Errorf("kept %d bytes", len(frame.Raw))
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	all := packets(b, "aprs.jsonl")
	size := 0
	for _, p := range all {
		size += len(p)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range all {
			_, _ = aprs.Decode(p, at)
		}
	}
	b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

func ExampleDecoder() {
	var d aprs.Decoder
	for _, f := range d.Feed([]byte("YB1ZZZ-9>APRS,WIDE1-1:!0649.96S/10813.66E>088/036\r\n"), time.Now()) {
		r := f.Report
		fmt.Printf("%s %.4f %.4f %.1f m/s %v\n", r.Device, r.Fix.Point[1], r.Fix.Point[0], r.Fix.SpeedMPS.Or(0), f.Err)
	}
	// Output: aprs:YB1ZZZ-9 -6.8327 108.2277 18.5 m/s <nil>
}
