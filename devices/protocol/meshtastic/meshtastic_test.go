package meshtastic_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/geo"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// packets reads "name packet" lines of testdata.
func packets(t testing.TB, file string) map[string][]byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for line := range strings.Lines(string(b)) {
		name, packet, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = []byte(packet)
		if strings.HasSuffix(file, "protobuf.txt") {
			if out[name], err = hex.DecodeString(packet); err != nil {
				t.Fatalf("%s: %s: %v", file, name, err)
			}
		}
	}
	return out
}

// said is what a test looks at; -1 stands for a reading that is not there.
type said struct {
	kind                       devices.Kind
	device                     devices.Identity
	to, code, text, name, note string
	sequence                   string
	lat, lon, alt, kmh, course float64
	battery, rssi              float64
	at                         int64
	blurred                    bool
}

func look(r *devices.Report) said {
	s := said{kind: r.Kind, device: r.Device, to: r.To, code: r.StatusCode, text: r.Text, name: r.Name, note: r.ClockNote,
		sequence: r.Sequence, alt: -1, kmh: -1, course: -1, battery: r.BatteryPct.Or(-1), rssi: r.RSSIdBm.Or(-1)}
	if !r.DeviceTime.IsZero() {
		s.at = r.DeviceTime.Unix()
	}
	if f := r.Fix; f != nil {
		s.lat, s.lon, s.alt, s.course, s.blurred = f.Point[1], f.Point[0], f.AltitudeM.Or(-1), f.CourseDeg.Or(-1), f.Blurred
		if v, known := f.SpeedMPS.Value(); known {
			s.kmh = math.Round(v * 3.6)
		}
	}
	return s
}

// with fills in what most packets of the vectors share.
func with(s said) said {
	for _, f := range []*float64{&s.alt, &s.kmh, &s.course, &s.battery, &s.rssi} {
		if *f == 0 {
			*f = -1
		}
	}
	return s
}

const (
	nodeA = "meshtastic:!433c8aac"
	nodeB = "meshtastic:!e213a228"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	vectors := packets(t, "testdata/json.txt")
	text := func(code, words string) said {
		kind := devices.KindMessage
		if code != "" {
			kind = devices.KindStatus
		}
		return with(said{kind: kind, device: nodeA, code: code, text: words, note: "mesh_gateway", at: 1749248883})
	}
	place := with(said{kind: devices.KindPosition, device: nodeB, lat: -6.8364, lon: 108.2279})
	wants := map[string]said{
		"text": text("", "This is my test message"),
		// A typed number, truth value, quoted word or object takes the place of {"text"}.
		"key": text("3", ""), "key-leading-zero": text("03", ""), "key-number": text("3", ""), "key-zero": text("0", ""),
		"true": text("", "true"), "null": text("", "null"), "string": text("", "x"), "string-key": text("3", ""),
		"object": text("", `{"s":3}`), "array": text("", "[1,2]"), "fraction": text("", "3.5"), "number": text("", "81234567"),
		"nodeinfo": with(said{kind: devices.KindID, device: "meshtastic:!7efeee00", name: "base0", note: "mesh_gateway", at: 1646832724}),
		"signed":   with(said{kind: devices.KindMessage, device: nodeB, text: "OTW", note: "mesh_gateway", at: 1646832724}),
		"direct":   with(said{kind: devices.KindMessage, device: nodeB, to: "!433c8aac", text: "OTW", note: "mesh_gateway", at: 1646832724}),
		// Nothing measured, and no clock: no battery, no time.
		"no-battery": with(said{kind: devices.KindOther, device: "meshtastic:!7efeb2c8"}),
		"battery":    with(said{kind: devices.KindOther, device: "meshtastic:!7efeb2c8", battery: 87, note: "mesh_gateway", at: 1749248883}),
		"plugged-in": with(said{kind: devices.KindOther, device: "meshtastic:!7efeb2c8", note: "mesh_gateway", at: 1749248883}),
		"weather":    with(said{kind: devices.KindOther, device: "meshtastic:!7efeb2c8", note: "mesh_gateway", at: 1749248883}),
		"position": with(said{kind: devices.KindPosition, device: nodeB, lat: 37.4208, lon: -122.1981, alt: 123, kmh: 32,
			course: 104.5, rssi: -34, at: 1609459200}),
		"waypoint":     with(said{kind: devices.KindOther, device: nodeB, note: "mesh_gateway", at: 1783198573}),
		"neighborinfo": with(said{kind: devices.KindOther, device: nodeB, note: "mesh_gateway", at: 1783198573}),
		"nameless":     with(said{kind: devices.KindOther, device: nodeB, note: "mesh_gateway", at: 1783198573}),
	}
	for name, change := range map[string]func(*said){
		"position-solution-time": func(s *said) { s.at, s.course = 1609459201, 212 },
		"position-no-clock":      func(*said) {},
		"position-gateway-clock": func(s *said) { s.at, s.note = 1783198573, "mesh_gateway" },
		"position-1970":          func(s *said) { s.at, s.note = 1783198573, "mesh_gateway not_believed:1970-01-01T01:00:00Z" },
		"position-next-year":     func(s *said) { s.at, s.note = 1783198573, "mesh_gateway not_believed:2027-12-28T13:20:00Z" },
		"blurred":                func(s *said) { s.at, s.blurred = 1783198500, true },
	} {
		s := place
		change(&s)
		wants[name] = s
	}
	for name, body := range vectors {
		want, known := wants[name]
		if !known {
			t.Errorf("%s: nothing is expected of it", name)
			continue
		}
		r, err := meshtastic.NewDecoder(nil).Decode("msh/ID/2/json/LongFast/!32962f10", body, now)
		got := look(&r)
		want.sequence = got.sequence
		if err != nil || got != want || got.sequence == "" {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
	}
}

// TestProtobuf reads what protoc and openssl encoded; see testdata/make-protobuf.sh.
func TestProtobuf(t *testing.T) {
	t.Parallel()
	own, err := meshtastic.ParseKey("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	public, err := meshtastic.ParseKey("AQ==")
	if err != nil {
		t.Fatal(err)
	}
	d := meshtastic.NewDecoder(map[string]meshtastic.Key{"Majalengka": own, "LongFast": public})
	const heard = 1783198573
	wants := map[string]said{
		"text":          {kind: devices.KindMessage, device: nodeA, text: "This is my test message", note: "mesh_gateway", at: heard},
		"key":           {kind: devices.KindStatus, device: nodeA, code: "3", note: "mesh_gateway", at: heard},
		"direct":        {kind: devices.KindMessage, device: nodeA, to: "!32b4af10", text: "TIBA", note: "mesh_gateway", at: heard},
		"alert":         {kind: devices.KindMessage, device: nodeA, text: "BANTU", note: "mesh_gateway", at: heard},
		"not-utf8":      {kind: devices.KindMessage, device: nodeA, text: "a\uFFFDb", note: "mesh_gateway", at: heard},
		"position":      {kind: devices.KindPosition, device: nodeB, lat: 37.4208, lon: -122.1981, alt: 123, kmh: 32, course: 104.5, at: 1609459200},
		"below-sea":     {kind: devices.KindPosition, device: nodeB, lat: -6.8364, lon: 108.2279, alt: -12, course: 212, at: 1783198501},
		"blurred":       {kind: devices.KindPosition, device: nodeB, lat: -6.8364, lon: 108.2279, at: 1783198500, blurred: true},
		"nodeinfo":      {kind: devices.KindID, device: "meshtastic:!7efeee00", name: "base0", note: "mesh_gateway", at: heard},
		"battery":       {kind: devices.KindOther, device: "meshtastic:!7efeb2c8", battery: 87, at: 1783198400},
		"plugged-in":    {kind: devices.KindOther, device: "meshtastic:!7efeb2c8", at: 1783198400},
		"weather":       {kind: devices.KindOther, device: "meshtastic:!7efeb2c8", at: 1783198400},
		"routing":       {kind: devices.KindOther, device: "meshtastic:!7efeb2c8", to: "!32b4af10", note: "mesh_gateway", at: heard},
		"sealed-own":    {kind: devices.KindStatus, device: nodeA, code: "3", note: "mesh_gateway", at: heard},
		"sealed-public": {kind: devices.KindPosition, device: nodeB, lat: -6.8364, lon: 108.2279, at: 1783198500},
	}
	refusals := map[string]error{"no-fix": meshtastic.ErrNoFix, "sealed-direct": meshtastic.ErrEncrypted}
	for name, body := range packets(t, "testdata/protobuf.txt") {
		r, err := d.Decode("msh/ID/2/e/LongFast/!32962f10", body, now)
		if want, refused := refusals[name]; refused {
			if !errors.Is(err, want) || r.Fix != nil || r.Device == "" {
				t.Errorf("%s: %v, %+v", name, err, r)
			}
			continue
		}
		want := wants[name]
		want.rssi = -34
		want, got := with(want), look(&r)
		want.sequence = got.sequence
		if err != nil || got != want || got.sequence == "" || r.Via != "!32962f10" {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
	}
}

// TestBothFormsOfAPacketAreOneReport: a gateway node may publish a packet as JSON
// and as protobuf, and a second node the same again with its own clock.
func TestBothFormsOfAPacketAreOneReport(t *testing.T) {
	t.Parallel()
	d := meshtastic.NewDecoder(nil)
	asJSON, err := d.Decode("msh/ID/2/json/LongFast/!433c8aac", packets(t, "testdata/json.txt")["key-number"], now)
	if err != nil {
		t.Fatal(err)
	}
	asProtobuf, err := d.Decode("msh/ID/2/c/LongFast/!32962f10", packets(t, "testdata/protobuf.txt")["key"], now)
	if err != nil {
		t.Fatal(err)
	}
	if string(asJSON.Said) != "!433c8aac/1686054519" || string(asProtobuf.Said) != string(asJSON.Said) || asJSON.Via == asProtobuf.Via {
		t.Errorf("%q over %s, %q over %s", asJSON.Said, asJSON.Via, asProtobuf.Said, asProtobuf.Via)
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	d := meshtastic.NewDecoder(nil)
	for word, want := range map[string]devices.Presence{"online": {Online: true}, "offline\n": {Offline: true}} {
		r, err := d.Decode("msh/ID/2/stat/!32962f10", []byte(word), now)
		if err != nil || r.Device != "meshtastic:!32962f10" || r.Presence == nil || *r.Presence != want || r.Kind != devices.KindOther {
			t.Errorf("%q: %+v %v", word, r, err)
		}
	}
}

func TestBlurGrowsWithEveryBitLeftOut(t *testing.T) {
	t.Parallel()
	// Half a cell along a meridian, as the apps show it: 16 bits 365 m, 13 bits 2.9 km, 10 bits 23.3 km.
	for bits, want := range map[string]float64{"16": 364.8, "13": 2918.2, "10": 23345.5} {
		body := strings.Replace(string(packets(t, "testdata/json.txt")["blurred"]), `"precision_bits":13`, `"precision_bits":`+bits, 1)
		r, err := meshtastic.NewDecoder(nil).Decode("", []byte(body), now)
		if err != nil || math.Abs(r.Fix.AccuracyM.Or(0)-want) > 0.1 {
			t.Errorf("%s bits: %v m, %v", bits, r.Fix.AccuracyM, err)
		}
		if why := geo.DefaultArrivalRule().Usable(r.Fix); why != geo.Blurred {
			t.Errorf("%s bits: judged for arrival (%q)", bits, why)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const json, proto = "msh/ID/2/json/LongFast/!32962f10", "msh/ID/2/e/LongFast/!32962f10"
	position := func(payload string) string {
		return `{"from":3792937512,"id":1,"to":-1,"type":"position","timestamp":0,"payload":{` + payload + `}}`
	}
	sealed := string(packets(t, "testdata/protobuf.txt")["sealed-own"])
	for _, c := range []struct {
		name, topic, body string
		want              error
	}{
		{"no fix", json, position(`"latitude_i":0,"longitude_i":0`), meshtastic.ErrNoFix},
		{"no fix is null island", json, position(`"latitude_i":0,"longitude_i":0`), geo.ErrNullIsland},
		{"coordinates left out", json, position(`"time":1`), meshtastic.ErrNoFix},
		{"latitude out of range", json, position(`"latitude_i":910000000,"longitude_i":1`), geo.ErrOutOfRange},
		{"longitude out of range", json, position(`"latitude_i":1,"longitude_i":1900000000`), geo.ErrOutOfRange},
		{"speed out of range", json, position(`"latitude_i":-68364000,"longitude_i":1082279000,"ground_speed":4294967295`), meshtastic.ErrRange},
		{"track out of range", json, position(`"latitude_i":-68364000,"longitude_i":1082279000,"ground_track":36000001`), meshtastic.ErrRange},
		{"altitude out of range", json, position(`"latitude_i":-68364000,"longitude_i":1082279000,"altitude":-2147483648`), meshtastic.ErrRange},
		{"wrong type", json, position(`"latitude_i":"x","longitude_i":1082279000`), meshtastic.ErrNotJSON},
		{"NaN", json, position(`"latitude_i":NaN,"longitude_i":1082279000`), meshtastic.ErrNotJSON},
		{"overflow", json, position(`"latitude_i":1e999,"longitude_i":1082279000`), meshtastic.ErrNotJSON},
		{"payload is no object", json, `{"from":1,"id":1,"type":"position","payload":3}`, meshtastic.ErrNotJSON},
		{"text without payload", json, `{"from":1,"id":1,"type":"text"}`, meshtastic.ErrNotJSON},
		{"battery out of range", json, `{"from":1,"id":1,"type":"telemetry","payload":{"battery_level":255}}`, meshtastic.ErrRange},
		{"no sender", json, `{"id":1,"type":"text","payload":3}`, meshtastic.ErrSender},
		{"everybody as sender", json, `{"from":-1,"id":1,"type":"text","payload":3}`, meshtastic.ErrSender},
		{"sender of 33 bits", json, `{"from":4294967296,"id":1,"type":"text","payload":3}`, meshtastic.ErrRange},
		{"what goes into the mesh", json, `{"from":1,"type":"sendtext","payload":"x"}`, meshtastic.ErrOutbound},
		{"half a packet", json, `{"from":1,`, meshtastic.ErrNotJSON},
		{"deeply nested", json, strings.Repeat(`{"a":`, 5000), devices.ErrTooDeep},
		{"too large", json, `{"x":"` + strings.Repeat("x", 65<<10) + `"}`, meshtastic.ErrTooLarge},
		{"empty", json, ``, meshtastic.ErrNotJSON},
		{"protobuf cut off", proto, sealed[:20], meshtastic.ErrProtobuf},
		{"text as protobuf", proto, `hello`, meshtastic.ErrProtobuf},
		{"empty envelope", proto, ``, meshtastic.ErrProtobuf},
		{"no key", proto, sealed, meshtastic.ErrEncrypted},
		{"foreign topic", "owntracks/a/b", `{}`, meshtastic.ErrTopic},
		{"downlink topic", "msh/ID/2/json/mqtt/", `{}`, meshtastic.ErrTopic},
		{"map report", "msh/ID/2/map/", ``, meshtastic.ErrTopic},
		{"strange state", "msh/ID/2/stat/!32962f10", `perhaps`, meshtastic.ErrStat},
		{"state of nobody", "msh/ID/2/stat/!x", `online`, meshtastic.ErrTopic},
	} {
		r, err := meshtastic.NewDecoder(nil).Decode(c.topic, []byte(c.body), now)
		if !errors.Is(err, c.want) || r.Fix != nil {
			t.Errorf("%s: %v, %+v", c.name, err, r.Fix)
		}
	}
}

func TestAWrongKeyOpensNothing(t *testing.T) {
	t.Parallel()
	public, err := meshtastic.ParseKey("AQ==")
	if err != nil {
		t.Fatal(err)
	}
	d := meshtastic.NewDecoder(map[string]meshtastic.Key{"Majalengka": public})
	r, err := d.Decode("", packets(t, "testdata/protobuf.txt")["sealed-own"], now)
	if !errors.Is(err, meshtastic.ErrEncrypted) || r.StatusCode != "" || r.Device != nodeA {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for text, length := range map[string]int{"AA==": 0, "AQ==": 16, "Ag==": 16, "AAECAwQFBgcICQoLDA0ODw==": 16} {
		if k, err := meshtastic.ParseKey(text); err != nil || len(k) != length {
			t.Errorf("%s: %d bytes, %v", text, len(k), err)
		}
	}
	for _, text := range []string{"", "AAEC", "not base64!"} {
		if _, err := meshtastic.ParseKey(text); !errors.Is(err, meshtastic.ErrKey) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]meshtastic.Topic{
		"msh/ID/2/json/LongFast/!32962f10":  {Root: "msh/ID", Form: meshtastic.FormJSON, Channel: "LongFast", Gateway: "!32962f10"},
		"msh/US/bay/2/e/LongFast/!32962f10": {Root: "msh/US/bay", Form: meshtastic.FormProtobuf, Channel: "LongFast", Gateway: "!32962f10"},
		"msh/EU_868/2/c/2/!32962f10":        {Root: "msh/EU_868", Form: meshtastic.FormProtobuf, Channel: "2", Gateway: "!32962f10"},
		"msh/ID/2/stat/!32962f10":           {Root: "msh/ID", Form: meshtastic.FormStat, Gateway: "!32962f10"},
		"msh/2/json/LongFast/!32962f10":     {Root: "msh", Form: meshtastic.FormJSON, Channel: "LongFast", Gateway: "!32962f10"},
	} {
		if got, ok := meshtastic.ParseTopic(topic); !ok || got != want {
			t.Errorf("%s: %+v %v", topic, got, ok)
		}
	}
	if !meshtastic.IsDownlink(meshtastic.DownlinkTopic("msh/ID")) || meshtastic.IsDownlink("msh/ID/2/json/mqtt/!32962f10") {
		t.Error("a downlink topic is taken for an uplink topic")
	}
}

// TestText compares with the documentation's own example.
func TestText(t *testing.T) {
	t.Parallel()
	got, err := meshtastic.Text(2130636288, 1128041132, "INC 42: konfirmasi status")
	if want := `{"from":2130636288,"to":1128041132,"channel":0,"type":"sendtext","payload":"INC 42: konfirmasi status"}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, words := range []string{"", strings.Repeat("x", meshtastic.MaxSend+1), "\xff"} {
		if _, err := meshtastic.Text(1, 2, words); !errors.Is(err, meshtastic.ErrSend) {
			t.Errorf("%.20q: %v", words, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"testdata/json.txt", "testdata/protobuf.txt"} {
		for _, body := range packets(f, file) {
			f.Add("", body)
		}
	}
	f.Add("msh/ID/2/stat/!32962f10", []byte("online"))
	for _, input := range devicestest.Corpus(f) {
		f.Add("msh/ID/2/json/LongFast/!32962f10", input)
		f.Add("msh/ID/2/e/LongFast/!32962f10", input)
	}
	d := meshtastic.NewDecoder(map[string]meshtastic.Key{"LongFast": make([]byte, 16)})
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		r, err := d.Decode(topic, body, now)
		switch {
		case err != nil && r.Fix != nil:
			t.Fatal("a refused packet has a position")
		case err == nil && r.Device == "":
			t.Fatal("a packet of nobody was taken")
		case r.Fix != nil && geo.CheckPoint(r.Fix.Point) != nil:
			t.Fatalf("bad point %v", r.Fix.Point)
		case !utf8.ValidString(r.Text + r.Name + r.Via):
			t.Fatalf("not UTF-8: %q", r.Text+r.Name+r.Via)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	})
}
