package owntracks_test

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/owntracks"
	"htgateway/geo"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// payloads reads "name payload" lines of testdata.
func payloads(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/payloads.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = body
	}
	return out
}

func decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	return owntracks.NewDecoder(nil).Decode(topic, body, at)
}

// said is what a test looks at; -1 stands for a reading that is not there.
type said struct {
	lat, lon, acc, alt, kmh, course, battery float64
	at, made                                 int64
	note, sequence, trigger, mode, regions   string
	queued                                   bool
}

func look(r *devices.Report) said {
	s := said{note: r.ClockNote, sequence: r.Sequence, trigger: r.Trigger, mode: r.Mode, regions: strings.Join(r.Regions, " "),
		queued: r.Queued, battery: r.BatteryPct.Or(-1), kmh: -1}
	if !r.DeviceTime.IsZero() {
		s.at = r.DeviceTime.Unix()
	}
	if !r.MadeAt.IsZero() {
		s.made = r.MadeAt.Unix()
	}
	if f := r.Fix; f != nil {
		s.lat, s.lon, s.acc, s.alt, s.course = f.Point[1], f.Point[0], f.AccuracyM.Or(-1), f.AltitudeM.Or(-1), f.CourseDeg.Or(-1)
		if v, known := f.SpeedMPS.Value(); known {
			s.kmh = math.Round(v*36) / 10
		}
	}
	return s
}

func TestLocations(t *testing.T) {
	t.Parallel()
	const none = -1
	place := said{lat: 52, lon: 5, acc: none, alt: none, kmh: none, course: none, battery: none}
	with := func(change func(s *said)) said {
		s := place
		change(&s)
		return s
	}
	for name, want := range map[string]said{
		"android": {lat: 46.0681247, lon: 11.1512805, acc: 15, alt: 440, kmh: 0, course: none, battery: 46, at: 1551874878, trigger: "u"},
		"speed":   {lat: 48.85833, lon: 2.29513, acc: 5, alt: 167, kmh: 61, course: 271, battery: 67, at: 1497349316, trigger: "u"},
		"least":   {lat: 48.85, lon: 2.295, acc: none, alt: none, kmh: none, course: none, battery: none, at: 1497476456},
		// A fix that was 246 s old when the message was made keeps its own time.
		"created": {lat: 37, lon: -122, acc: 5, alt: 0, kmh: none, course: none, battery: none, at: 1736161169, made: 1736161415, trigger: "u", mode: "significant"},
		"qtripp":  {lat: 47.420051, lon: 13.654704, acc: 10, alt: 1113, kmh: 0, course: 113, battery: none, at: 1736519167, trigger: "I"},
		"message-id": {lat: 52, lon: 5, acc: 13, alt: 23, kmh: 6, course: 56, battery: 62, at: 1733842245, made: 1733842246,
			sequence: "05b6f5bf", mode: "move", queued: true},
		"rollover": with(func(s *said) { s.at, s.made, s.note = 1068138065+619315200, 1687453740, "week_rollover" }),
		"strings":  with(func(s *said) { s.at, s.kmh = 1733842245, 36 }),
		"csv":      {lat: 50.123456, lon: 65.987654, acc: none, alt: 110, kmh: 36, course: 90, battery: none, at: 0x561ebac3, trigger: "v"},
		"unknown":  with(func(s *said) { s.at = 1733842245 }),
		"epoch":    with(func(s *said) { s.note = "not_believed:1970-01-01T01:00:00Z" }),
		"epoch-created": with(func(s *said) {
			s.at, s.made, s.note = 1733842246, 1733842246, "created_at not_believed:1970-01-01T01:00:00Z"
		}),
		"next-year": with(func(s *said) { s.note = "not_believed:2027-12-28T13:20:00Z" }),
		"regions":   with(func(s *said) { s.at, s.trigger, s.regions = 1733842245, "c", "INC-2026-00042 Rumah" }),
	} {
		r, err := decode("owntracks/andi/phone", []byte(payloads(t)[name]), now)
		if got := look(&r); err != nil || got != want || r.Device != "owntracks:andi/phone" || r.Kind != devices.KindPosition {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, want)
		}
	}
}

func TestTheTopicInThePayloadStandsInForNone(t *testing.T) {
	t.Parallel()
	r, err := decode("", []byte(payloads(t)["qtripp"]), now)
	if err != nil || r.Device != "owntracks:qtripp/865284041968706" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		text     string
		crossing devices.Crossing
		kind     devices.Kind
		acc      float64
	}{
		"enter":         {"enter INC-2026-00042", devices.Crossing{Region: "INC-2026-00042", Entered: true}, devices.KindPosition, 10},
		"leave-beacon":  {"leave Work", devices.Crossing{Region: "Work"}, devices.KindPosition, -1},
		"enter-nowhere": {"enter Work", devices.Crossing{Region: "Work", Entered: true}, devices.KindOther, -1},
	} {
		r, err := decode("owntracks/andi/phone/event", []byte(payloads(t)[name]), now)
		if err != nil || r.Device != "owntracks:andi/phone" || r.Text != want.text || r.Crossing == nil || *r.Crossing != want.crossing ||
			r.Kind != want.kind || r.DeviceTime.Unix() != 1527966973 || (r.Fix != nil) != (want.kind == devices.KindPosition) {
			t.Errorf("%s: %+v, %v", name, r, err)
			continue
		}
		if r.Fix != nil && r.Fix.AccuracyM.Or(-1) != want.acc {
			t.Errorf("%s: accuracy %v", name, r.Fix.AccuracyM)
		}
	}
}

// TestEncrypted opens what libsodium (python3-nacl) sealed. Sealed twice, it says the
// same and is one report.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	secret, err := owntracks.ParseSecret("rahasia sekali")
	if err != nil {
		t.Fatal(err)
	}
	other, err := owntracks.ParseSecret("another")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		secrets map[string]owntracks.Secret
		want    error
	}{
		{"the phone's", map[string]owntracks.Secret{"andi/phone": secret, "andi": other}, nil},
		{"the user's", map[string]owntracks.Secret{"andi": secret}, nil},
		{"another's", map[string]owntracks.Secret{"budi": secret}, owntracks.ErrEncrypted},
		{"a wrong one", map[string]owntracks.Secret{"andi": other}, owntracks.ErrSecret},
	} {
		d := owntracks.NewDecoder(c.secrets)
		r, err := d.Decode("owntracks/andi/phone", []byte(payloads(t)["encrypted"]), now)
		if !errors.Is(err, c.want) || r.Device != "owntracks:andi/phone" {
			t.Errorf("%s: %v, %+v", c.name, err, r)
			continue
		}
		if c.want != nil {
			continue
		}
		again, err := d.Decode("owntracks/andi/phone", []byte(payloads(t)["encrypted-again"]), now)
		if err != nil || string(again.Said) != string(r.Said) || len(r.Said) == 0 || r.Assurance != devices.AssuranceAuthenticated ||
			r.Fix == nil || r.Fix.SpeedMPS.Or(0) != 10 {
			t.Errorf("%s: %+v, %+v, %v", c.name, r, again, err)
		}
	}
	if _, err := owntracks.ParseSecret(strings.Repeat("x", 33)); !errors.Is(err, owntracks.ErrSecretLength) {
		t.Error(err)
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]devices.Presence{
		`{"_type":"lwt","tst":1380738247}`:   {Offline: true},
		`{"_type":"lwt","tst":"1380738247"}`: {Offline: true},
		`{"_type":"status","_id":"a1b2c3d4","android":{"hib":0,"bo":1,"loc":0,"ps":0,"wifi":1}}`:                                                  {BatteryOptimised: true},
		`{"_type":"status","android":{"hib":1,"bo":0,"loc":-2,"ps":1,"wifi":0}}`:                                                                  {PowerSave: true, MayHibernate: true, NoLocation: true},
		`{"_type":"status","iOS":{"locationManagerAuthorizationStatus":"kCLAuthorizationStatusAuthorizedAlways","backgroundRefreshStatus":true}}`: {Detail: "kCLAuthorizationStatusAuthorizedAlways"},
		`{"_type":"status","iOS":{"locationManagerAuthorizationStatus":"kCLAuthorizationStatusDenied","backgroundRefreshStatus":false}}`:          {Detail: "kCLAuthorizationStatusDenied", NoLocation: true, MayHibernate: true},
	} {
		r, err := decode("owntracks/andi/phone", []byte(body), now)
		// A last will's time is when the app connected: it dates nothing.
		if err != nil || r.Presence == nil || *r.Presence != want || r.Fix != nil || !r.DeviceTime.IsZero() {
			t.Errorf("%s: %+v, %v", body, r.Presence, err)
		}
	}
	if r, err := decode("owntracks/andi/phone/info", []byte(`{"_type":"card","name":"Andi","tid":"an"}`), now); err != nil || r.Name != "Andi" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOtherMessagesHaveNoPosition(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"_type":"lwt","tst":1380738247}`, `{"_type":"lwt","tst":"1380738247"}`, `{"_type":"card","name":"Andi"}`,
		`{"_type":"status","android":{"hib":0}}`, `{"_type":"waypoint","desc":"x","lat":37.3,"lon":-122.0,"rad":1000,"tst":1}`,
		`{"_type":"something new"}`,
	} {
		r, err := decode("owntracks/andi/phone", []byte(body), now)
		if err != nil || r.Fix != nil || r.Kind != devices.KindOther {
			t.Errorf("%s: %+v, %v", body, r, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, topic, body string
		want              error
	}{
		{"no position", "owntracks/a/b", `{"_type":"location","tst":1}`, owntracks.ErrNoPosition},
		{"null island", "owntracks/a/b", `{"_type":"location","lat":0,"lon":0,"tst":1}`, geo.ErrNullIsland},
		{"out of range", "owntracks/a/b", `{"_type":"location","lat":91,"lon":0,"tst":1}`, geo.ErrOutOfRange},
		{"overflow", "owntracks/a/b", `{"_type":"location","lat":1e999,"lon":0,"tst":1}`, owntracks.ErrNotJSON},
		{"NaN in a string", "owntracks/a/b", `{"_type":"location","lat":"NaN","lon":1,"tst":1}`, owntracks.ErrNotJSON},
		{"wrong type", "owntracks/a/b", `{"_type":"location","lat":{},"lon":1,"tst":1}`, owntracks.ErrNotJSON},
		{"half a message", "owntracks/a/b", `{"_type":"location","lat":1`, owntracks.ErrNotJSON},
		{"short form cut off", "owntracks/a/b", `C2,561ebac3,v,50123456,65987654,0,0,11,0`, owntracks.ErrNotJSON},
		{"short form without numbers", "owntracks/a/b", `C2,561ebac3,v,here,65987654,0,0,11,0,5232`, owntracks.ErrNumber},
		{"short form without date", "owntracks/a/b", `C2,yesterday,v,50123456,65987654,0,0,11,0,5232`, owntracks.ErrNumber},
		{"short form at null island", "owntracks/a/b", `C2,561ebac3,v,0,0,0,0,11,0,5232`, geo.ErrNullIsland},
		{"neither enter nor leave", "owntracks/a/b/event", `{"_type":"transition","event":"dance","tst":1}`, owntracks.ErrEvent},
		{"too deep", "owntracks/a/b", strings.Repeat(`{"a":`, 100), devices.ErrTooDeep},
		{"speed out of range", "owntracks/a/b", `{"_type":"location","lat":1,"lon":1,"tst":1,"vel":1501}`, owntracks.ErrNumber},
		{"battery out of range", "owntracks/a/b", `{"_type":"location","lat":1,"lon":1,"tst":1,"batt":101}`, owntracks.ErrNumber},
		{"no sealed box", "owntracks/a/b", `{"_type":"encrypted","data":"x"}`, owntracks.ErrEncrypted},
		{"no device", "owntracks/a", `{"_type":"location","lat":1,"lon":1,"tst":1}`, owntracks.ErrTopic},
		{"encrypted", "owntracks/a/b", `{"_type":"encrypted","data":"AAAA"}`, owntracks.ErrEncrypted},
		{"deeply nested", "owntracks/a/b", strings.Repeat(`{"a":`, 20_000), owntracks.ErrTooLarge},
		{"too large", "owntracks/a/b", `{"x":"` + strings.Repeat("x", 65<<10) + `"}`, owntracks.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := decode(c.topic, []byte(c.body), now)
			if !errors.Is(err, c.want) || r.Fix != nil {
				t.Fatalf("%v, %+v", err, r.Fix)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("owntracks/a/b", []byte(`{"_type":"location","lat":1.5,"lon":2.5,"tst":1551874878,"vel":61,"cog":3}`))
	f.Add("", []byte(`{"_type":"transition","event":"enter"}`))
	f.Add("", []byte(`{"topic":"owntracks/a/b","_type":"location","lat":1,"lon":1,"tst":1}`))
	for _, body := range payloads(f) {
		f.Add("owntracks/a/b", []byte(body))
	}
	for _, input := range devicestest.Corpus(f) {
		f.Add("owntracks/a/b", input)
	}
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		r, err := decode(topic, body, now)
		if err != nil && r.Fix != nil {
			t.Fatal("a refused payload has a position")
		}
		if r.Fix != nil && geo.CheckPoint(r.Fix.Point) != nil {
			t.Fatalf("bad point %v", r.Fix.Point)
		}
	})
}
