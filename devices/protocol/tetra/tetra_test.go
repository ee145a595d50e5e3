package tetra_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/nmea"
	"htgateway/devices/protocol/tetra"
	"htgateway/geo"
)

var heard = time.Date(2026, 3, 1, 0, 0, 30, 0, time.UTC)

// vectors are the shared frames; cmd/htgateway checks every field of theirs.
func vectors(t testing.TB) []string {
	t.Helper()
	var frames []string
	for _, name := range []string{"tetra.jsonl", "captured.jsonl"} {
		f, err := os.Open("../testdata/vectors/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var v struct{ Protocol, Text string }
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			if v.Protocol == "tetra" {
				frames = append(frames, v.Text)
			}
		}
	}
	if len(frames) < 160 {
		t.Fatalf("%d vectors", len(frames))
	}
	return frames
}

// sds is an indication of SDS type 4 with whole bytes of user data.
func sds(digits string) string {
	return fmt.Sprintf("+CTSDSR: 12,1234567,0,2345678,0,%d\r\n%s", 4*len(digits), digits)
}

func TestOneFrame(t *testing.T) {
	t.Parallel()
	const status, message, ack, other = devices.KindStatus, devices.KindMessage, devices.KindAck, devices.KindOther
	for _, c := range []struct {
		name, frame string
		want        devices.Report
	}{
		{"status", "+CTSDSR: 13,1234567,0,2345678,0,16\r\n8004", devices.Report{Kind: status, StatusCode: "32772"}},
		{"encrypted on the way", "+CTSDSR: 13,1234567,0,2345678,0,16,1\r\n8004", devices.Report{Kind: status, StatusCode: "32772"}},
		{"emergency", "+CTSDSR: 13,1234567,0,2345678,0,16\r\n0000", devices.Report{Kind: status, StatusCode: "0", Emergency: true}},
		{"same line", "+CTSDSR: 13,1234567,0,2345678,0,16, 8004", devices.Report{Kind: status, StatusCode: "32772"}},
		{"same line, encrypted", "+CTSDSR: 13,1234567,0,2345678,0,16,1,8004", devices.Report{Kind: status, StatusCode: "32772"}},
		{"lower case", "+CTSDSR: 13,1234567,0,2345678,0,16\r\n80fa", devices.Report{Kind: status, StatusCode: "33018"}},
		{"no short report, though a mask of 0x7A fits", "+CTSDSR: 13,1234567,0,2345678,0,16\r\nFA05", devices.Report{Kind: status, StatusCode: "64005"}},
		{"short report: received", "+CTSDSR: 13,1234567,0,2345678,0,16\r\n7E9C", devices.Report{Kind: ack, Sequence: "156", Text: "received"}},
		{"short report: consumed", "+CTSDSR: 13,1234567,0,2345678,0,16\r\n7F00", devices.Report{Kind: ack, Sequence: "0", Text: "consumed"}},
		{"SDS type 1", "+CTSDSR: 9,1234567,0,2345678,0,16\r\n12ab", devices.Report{Kind: other, Text: "12AB"}},
		{"SDS type 3", "+CTSDSR: 11,1234567,0,2345678,0,64\r\n0102030405060708", devices.Report{Kind: other, Text: "0102030405060708"}},
		{"report", sds("8210029C"), devices.Report{Kind: ack, Sequence: "156", Text: "consumed"}},
		{"report stored and forwarded", sds("8211229C07"), devices.Report{Kind: ack, Sequence: "156", Text: "destination not reachable, stored by the network"}},
		{"report of a status not listed", sds("82107F9C"), devices.Report{Kind: ack, Sequence: "156", Text: "delivery status 0x7F"}},
		{"acknowledgement", sds("8220019C"), devices.Report{Kind: ack, Sequence: "156", Text: "receipt report acknowledged"}},
		{"Latin 1", sds("02014361666580E9"), devices.Report{Kind: message, Text: "Cafe\u0080é"}},
		{"immediate", sds("890EFF0154494241"), devices.Report{Kind: message, Text: "TIBA"}},
		{"simple immediate", sds("090154494241"), devices.Report{Kind: message, Text: "TIBA"}},
		{"Cyrillic", sds("0205C0C1"), devices.Report{Kind: message, Text: "РС"}},
		{"Latin 9", sds("020DA4"), devices.Report{Kind: message, Text: "€"}},
		{"UTF-16", sds("021A0054D83DDE92"), devices.Report{Kind: message, Text: "T🚒"}},
		{"7 bits", sds("0200E8329BFD4697D9EC37"), devices.Report{Kind: message, Text: "hellohello"}},
		{"7 bits, eight characters", sds("0200E8329BFD4697E5"), devices.Report{Kind: message, Text: "helloher"}},
		{"7 bits, filled up", sds("0200E8329BFD469701"), devices.Report{Kind: message, Text: "hellohe"}},
		{"7 bits, length exact", "+CTSDSR: 12,1234567,0,2345678,0,65\r\n0200E8329BFD469701", devices.Report{Kind: message, Text: "hellohe"}},
		{"7 bits behind a header", "+CTSDSR: 12,1234567,0,2345678,0,109\r\n8A0E0700050003C90201A8496110", devices.Report{Kind: message, Text: "TIBA"}},
		{"7 bits, escape", sds("02009B32"), devices.Report{Kind: message, Text: "€"}},
		{"filled with zeros", sds("02015449424100"), devices.Report{Kind: message, Text: "TIBA"}},
		{"empty", sds("0201"), devices.Report{Kind: message}},
		{"stored and forwarded to an ISSI", sds("820F07F9000BB80154"), devices.Report{Kind: message, Text: "T"}},
		{"stored and forwarded to a number", sds("820F07FB0312300154"), devices.Report{Kind: message, Text: "T"}},
		{"user data header", sds("8A02C981045A8F050003C90201746573746D657373616765"), devices.Report{Kind: message, Text: "testmessage"}},
		{"first part", sds("0C010201020154494241"), devices.Report{Kind: message, Text: "TIBA"}},
		{"first part, long reference", sds("8C0EC911230201820154494241"), devices.Report{Kind: message, Text: "TIBA"}},
		{"second part", sds("0C01020254494241"), devices.Report{Kind: other}},
		{"application not known", sds("C30E9C0D"), devices.Report{Kind: other}},
		{"location acknowledgement", sds("0A50"), devices.Report{Kind: ack}},
		{"location request", sds("0A4100"), devices.Report{Kind: other}},
	} {
		r, err := tetra.NewDecoder().Decode([]byte(c.frame))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.want.Protocol, c.want.Device, c.want.To = devices.TETRA, "tetra:1234567", "2345678"
		if !same(r, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, r, c.want)
		}
	}
}

func same(a, b devices.Report) bool {
	return a.Protocol == b.Protocol && a.Kind == b.Kind && a.Device == b.Device && a.To == b.To && a.Sequence == b.Sequence &&
		a.StatusCode == b.StatusCode && a.Text == b.Text && a.Emergency == b.Emergency && (a.Fix == nil) == (b.Fix == nil)
}

func TestWhoSpeaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, device, to string }{
		{"13,0123,0,2345678,0,16", "tetra:0123", "2345678"},
		{"13,2621001000012345,2,262100100002345678,2,16", "tetra:2621001000012345", "262100100002345678"},
		{"13, 1234567, 0, 8, 0, 16", "tetra:1234567", "8"},
		{"13,,,2345678,0,16", "", "2345678"},
		{"13,2345678,16", "", "2345678"},
		{"13,2345678,0,16", "", "2345678"},
	} {
		for _, between := range []string{"\r\n", "\r", "\n", ","} {
			r, err := tetra.NewDecoder().Decode([]byte("+CTSDSR: " + c.header + between + "8004"))
			if err != nil || string(r.Device) != c.device || r.To != c.to || r.StatusCode != "32772" {
				t.Errorf("%s%q: %v, %+v", c.header, between, err, r)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, frame string
		want        error
	}{
		{"noise", "\xff\xfehello", tetra.ErrNoise},
		{"digits without a header", "0A04D0E75FAF5C924DE02", tetra.ErrNoise},
		{"empty", "", tetra.ErrNoise},
		{"header alone", "+CTSDSR: 13,1234567,0,2345678,0,16", tetra.ErrUnfinished},
		{"user data twice", "+CTSDSR: 13,1234567,0,2345678,0,16,8004\r\n8004", tetra.ErrGrammar},
		{"two fields", "+CTSDSR: 13,16\r\n8004", tetra.ErrGrammar},
		{"five fields", "+CTSDSR: 13,1,0,2,16\r\n8004", tetra.ErrGrammar},
		{"service", "+CTSDSR: 14,1,0,2,0,16\r\n8004", tetra.ErrGrammar},
		{"service of a voice call", "+CTSDSR: 1,1,0,2,0,16\r\n8004", tetra.ErrGrammar},
		{"caller", "+CTSDSR: 13,12a4567,0,2,0,16\r\n8004", tetra.ErrGrammar},
		{"length missing", "+CTSDSR: 13,1,0,2,0,\r\n8004", tetra.ErrGrammar},
		{"length zero", "+CTSDSR: 13,1,0,2,0,0\r\n8004", tetra.ErrGrammar},
		{"length negative", "+CTSDSR: 13,1,0,2,0,-16\r\n8004", tetra.ErrGrammar},
		{"length beyond all bounds", "+CTSDSR: 13,1,0,2,0,99999999999999999999\r\n8004", tetra.ErrGrammar},
		{"not hexadecimal", "+CTSDSR: 13,1,0,2,0,16\r\n80G4", tetra.ErrGrammar},
		{"a digit short", "+CTSDSR: 13,1,0,2,0,16\r\n800", tetra.ErrLength},
		{"two digits more", "+CTSDSR: 13,1,0,2,0,16\r\n800400", tetra.ErrLength},
		{"status of 24 bits", "+CTSDSR: 13,1,0,2,0,24\r\n800400", tetra.ErrGrammar},
		{"SDS type 2 of 16 bits", "+CTSDSR: 10,1,0,2,0,16\r\n8004", tetra.ErrGrammar},
		{"no protocol", "+CTSDSR: 12,1,0,2,0,4\r\n8", tetra.ErrLength},
		{"transfer cut off", sds("8202"), tetra.ErrLength},
		{"report cut off", sds("821002"), tetra.ErrLength},
		{"forward address cut off", sds("820107F900"), tetra.ErrLength},
		{"forward address reserved", sds("820107FC0154"), tetra.ErrGrammar},
		{"text without a coding", sds("02"), tetra.ErrLength},
		{"text coding reserved", sds("027F54"), tetra.ErrCoding},
		{"code page 737", sds("020F54"), tetra.ErrCoding},
		{"user data header longer than all", sds("8A02C901FF0003C90201"), tetra.ErrLength},
		{"half a character", "+CTSDSR: 12,1,0,2,0,20\r\n02014", tetra.ErrLength},
		{"part cut off", sds("0C0102"), tetra.ErrLength},
		{"parts within parts", sds("0C0102010C0102010201"), tetra.ErrGrammar},
		{"location cut off", sds("0A04D0E75FAF5C924D"), tetra.ErrLength},
		{"location of a reserved type", sds("0AC4D0E75FAF5C924DE020"), tetra.ErrGrammar},
		{"null island", "+CTSDSR: 12,1,0,2,0,84\r\n0A000000000000FFFE810", geo.ErrNullIsland},
		{"location coding", sds("0380AABB"), tetra.ErrGrammar},
		{"location empty", sds("03"), tetra.ErrLength},
		{"sentence missing", sds("0300AABB"), tetra.ErrGrammar},
		{"sentence's checksum", sds("0300" + fmt.Sprintf("%X", "$GPRMC,120000,A,0650.0000,S,10813.0000,E,0.0,0.0,010326,,*00")), nmea.ErrChecksum},
	} {
		r, err := tetra.NewDecoder().Decode([]byte(c.frame))
		if !errors.Is(err, c.want) || r.Fix != nil || r.Protocol != devices.TETRA {
			t.Errorf("%s: %v, %+v", c.name, err, r)
		}
	}
}

func TestNMEAInside(t *testing.T) {
	t.Parallel()
	const line = "$GPRMC,120000.00,A,0650.1900,S,10813.6200,E,10.0,90.0,010326,,,A*"
	sum := byte(0)
	for _, c := range []byte(line[1 : len(line)-1]) {
		sum ^= c
	}
	said := hex.EncodeToString(fmt.Appendf(nil, "%s%02X\r\n", line, sum))
	for _, head := range []string{"0300", "83020700"} {
		r, err := tetra.NewDecoder().Decode([]byte(sds(head + said)))
		if err != nil || r.Fix == nil || r.Device != "tetra:1234567" || !r.DeviceTime.Equal(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %v, %+v", head, err, r)
		}
	}
}

// event is what one frame of a stream said, in short.
func event(f devices.Frame) string {
	if f.Err != nil {
		for _, err := range []error{tetra.ErrNoise, tetra.ErrTooLong, tetra.ErrUnfinished, tetra.ErrGrammar, tetra.ErrLength} {
			if errors.Is(f.Err, err) {
				return strings.TrimPrefix(err.Error(), "tetra: ")
			}
		}
		return f.Err.Error()
	}
	r := f.Report
	return strings.TrimSpace(fmt.Sprintf("%s %s %s%s", r.Kind, strings.TrimPrefix(string(r.Device), "tetra:"), r.StatusCode, r.Text))
}

func TestStream(t *testing.T) {
	t.Parallel()
	const one, other = "+CTSDSR: 13,1,0,9,0,16\r\n8004\r\n", "+CTSDSR: 13,2,0,9,0,16\r\n8005\r\n"
	const noData = "indication without its user data"
	const noise = "line is neither an indication nor an answer"
	for _, c := range []struct {
		name, stream string
		want         []string
	}{
		{"two", one + other, []string{"status 1 32772", "status 2 32773"}},
		{"blank lines between", "\r\n\r\n+CTSDSR: 13,1,0,9,0,16\r\n\r\n8004\r\n\r\n", []string{"status 1 32772"}},
		{"same line", "+CTSDSR: 13,1,0,9,0,16,8004\r\n" + other, []string{"status 1 32772", "status 2 32773"}},
		{"lines between", "+CTSDSR: 13,1,0,9,0,16\r\n+CTXG: 1,3,0,0\r\nOK\r\n8004\r\n", []string{"other  +CTXG: 1,3,0,0", "ack  OK", "status 1 32772"}},
		{"echo, prompt and data on its way out between", "+CTSDSR: 13,1,0,9,0,16\r\nAT+CMGS=5,16\r\n> 8009\x1a8004\r\n", []string{"other  AT+CMGS=5,16", "other  >", "other  8009", "status 1 32772"}},
		{"data missing", "+CTSDSR: 13,1,0,9,0,16\r\n" + other, []string{noData, "status 2 32773"}},
		{"data garbled, next header lost", "+CTSDSR: 13,1,0,9,0,16\r\n80\xff4\r\n8005\r\n" + other, []string{noData, noise, noise, "status 2 32773"}},
		{"header garbled", "+CTSDSR: 13,1,0,9,0\r\n8004\r\n" + other, []string{"frame does not follow the protocol", noise, "status 2 32773"}},
		{"line end lost", "+CTSDSR: 13,1,0,9,0,16\r\n80" + other, []string{"user data is not as long as announced", "status 2 32773"}},
		{"noise before the header", "\xff\x00" + one, []string{noise, "status 1 32772"}},
		{"prompt before the header", "> " + one, []string{"other  >", "status 1 32772"}},
		{"errors", "+CME ERROR: 35\r\nERROR\r\n+CMGS: 0,4,65\r\n", []string{"ack  +CME ERROR: 35", "ack  ERROR", "ack  +CMGS: 0,4,65"}},
		{"ends in a header", "+CTSDSR: 13,1,0,9,0,16", []string{noData}},
		{"line too long", "+CTSDSR: 13,1,0,9,0,16\r\n" + strings.Repeat("8", 1500) + "8004\r\n" + other, []string{noData, "line or message too long", "line or message too long", "status 2 32773"}},
	} {
		for _, cut := range []int{1, 2, 3, 7, len(c.stream)} {
			d := tetra.NewDecoder()
			var got []string
			for at := 0; at < len(c.stream); at += cut {
				for _, f := range d.Feed([]byte(c.stream[at:min(at+cut, len(c.stream))]), heard) {
					got = append(got, event(f))
				}
			}
			for _, f := range d.Flush(heard) {
				got = append(got, event(f))
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("%s, cut into pieces of %d:\n got %q\nwant %q", c.name, cut, got, c.want)
			}
		}
	}
}

// TestQuietEndsAHeader: user data that come after the line was quiet may be anybody's.
func TestQuietEndsAHeader(t *testing.T) {
	t.Parallel()
	d := tetra.NewDecoder()
	d.Feed([]byte("+CTSDSR: 13,1,0,9,0,16\r\n"), heard)
	if f := d.Flush(heard); len(f) != 1 || !errors.Is(f[0].Err, tetra.ErrUnfinished) || f[0].Report.Device != "tetra:1" {
		t.Fatalf("%+v", f)
	}
	if f := d.Feed([]byte("8004\r\n"), heard); len(f) != 1 || !errors.Is(f[0].Err, tetra.ErrNoise) {
		t.Fatalf("%+v", f)
	}
}

func TestEveryVectorInOneStream(t *testing.T) {
	t.Parallel()
	all := vectors(t)
	stream := []byte(strings.Join(all, "\r\n") + "\r\n")
	d := tetra.NewDecoder()
	frames := d.Feed(stream, heard)
	if len(frames) != len(all) {
		t.Fatalf("%d frames of %d vectors", len(frames), len(all))
	}
	for i, f := range frames {
		if string(f.Raw) != all[i] || f.Err != nil || !f.Report.ReceivedAt.Equal(heard) {
			t.Errorf("%q: %v, raw %q", all[i], f.Err, f.Raw)
		}
	}
}

func FuzzFeed(f *testing.F) {
	for _, frame := range vectors(f) {
		f.Add([]byte(frame+"\r\n"), 30)
	}
	f.Add([]byte("+CTSDSR: 12,1,0,2,0,84,0A04D0E75FAF5C924DE02\r\n> \x1aOK\r\n+CTSDSR: 13,,,2,0,16\r80"), 1)
	f.Add([]byte(sds("830207002447")+"\r\n"+sds("8A02C981045A8F050003C9020174")+"\r\n"), 4)
	for _, input := range devicestest.Corpus(f) {
		f.Add(input, 30)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		d := tetra.NewDecoder()
		cut = min(max(cut, 0), len(stream))
		all := slices.Concat(d.Feed(stream[:cut], heard), d.Feed(stream[cut:], heard), d.Flush(heard))
		for _, fr := range all {
			if len(fr.Raw) > 2*1024+2 {
				t.Fatalf("a frame of %d bytes was kept", len(fr.Raw))
			}
			if fr.Err != nil && (fr.Report.Fix != nil || !fr.Report.DeviceTime.IsZero()) {
				t.Fatal("a refused frame has a position or a time")
			}
			if fr.Report.Fix != nil && geo.CheckPoint(fr.Report.Fix.Point) != nil {
				t.Fatalf("bad point %v", fr.Report.Fix.Point)
			}
			if fr.Err == nil && !strings.ContainsRune(string(fr.Raw), '\x1a') {
				again, err := d.Decode(fr.Raw)
				if err != nil || again.Kind != fr.Report.Kind || again.Device != fr.Report.Device {
					t.Fatalf("%q reads as %+v again (%v), was %+v", fr.Raw, again, err, fr.Report)
				}
			}
		}
		// Whatever came before, the next good frame decodes.
		good := d.Feed([]byte("\r\n+CTSDSR: 13,7,0,9,0,16\r\n8004\r\n"), heard)
		if n := len(good); n == 0 || good[n-1].Err != nil || good[n-1].Report.Device != "tetra:7" {
			t.Fatalf("after %q: %+v", stream, good)
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	stream := []byte(strings.Join(vectors(b), "\r\n") + "\r\n")
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n += len(tetra.NewDecoder().Feed(stream, heard))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "frames/s")
}
