package owntracks_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/owntracks"
	"htgateway/geo"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestLocations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, topic, body string
		device            devices.Identity
		lat, lon, speed   float64
		when              time.Time
		note, sequence    string
	}{
		{"android", "owntracks/andi/phone", `{"_type":"location","acc":15,"alt":440,"batt":46,"conn":"w","lat":46.0681247,"lon":11.1512805,"t":"u","tid":"5t","tst":1551874878,"vac":2,"vel":0}`,
			"owntracks:andi/phone", 46.0681247, 11.1512805, 0, time.Unix(1551874878, 0), "", ""},
		{"speed is km/h", "owntracks/andi/phone", `{"cog":271,"lon":2.29513,"acc":5,"vel":61,"lat":48.85833,"tst":1497349316,"_type":"location","tid":"JJ"}`,
			"owntracks:andi/phone", 48.85833, 2.29513, 61 / 3.6, time.Unix(1497349316, 0), "", ""},
		{"old fix delivered late keeps its own time", "owntracks/ckrey/x", `{"lon":-122,"acc":5,"created_at":1736161415,"lat":37,"t":"u","tst":1736161169,"conn":"w","_type":"location"}`,
			"owntracks:ckrey/x", 37, -122, -1, time.Unix(1736161169, 0), "", ""},
		{"topic in the payload", "", `{"topic":"owntracks/qtripp/865","lat":47.420051,"lon":13.654704,"vel":0,"tst":1736519167,"_type":"location"}`,
			"owntracks:qtripp/865", 47.420051, 13.654704, 0, time.Unix(1736519167, 0), "", ""},
		{"message id", "owntracks/y/o", `{"_type":"location","_id":"05b6f5bf","created_at":1733842246,"lat":52.0,"lon":5.0,"tst":1733842245,"vel":6}`,
			"owntracks:y/o", 52, 5, 6 / 3.6, time.Unix(1733842245, 0), "", "05b6f5bf"},
		{"week rollover", "owntracks/y/o", `{"_type":"location","created_at":1687453740,"lat":52.0,"lon":5.0,"tst":1068138065}`,
			"owntracks:y/o", 52, 5, -1, time.Unix(1068138065+619315200, 0), "week_rollover", ""},
		{"numbers as strings", "owntracks/y/o", `{"_type":"location","lat":"52.0","lon":"5.0","tst":"1733842245"}`,
			"owntracks:y/o", 52, 5, -1, time.Unix(1733842245, 0), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := owntracks.Decode(c.topic, []byte(c.body), now)
			if err != nil {
				t.Fatal(err)
			}
			if r.Device != c.device || r.Kind != devices.KindPosition || r.Fix.Point[1] != c.lat || r.Fix.Point[0] != c.lon {
				t.Fatalf("%+v %+v", r, r.Fix)
			}
			if math.Abs(r.Fix.SpeedMPS.Or(-1)-c.speed) > 1e-9 || !r.DeviceTime.Equal(c.when) || r.ClockNote != c.note || r.Sequence != c.sequence {
				t.Fatalf("%+v %+v", r, r.Fix)
			}
		})
	}
}

func TestOtherMessagesHaveNoPosition(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"_type":"lwt","tst":1380738247}`, `{"_type":"lwt","tst":"1380738247"}`, `{"_type":"card","name":"Andi"}`,
		`{"_type":"status","android":{"hib":0}}`, `{"_type":"waypoint","desc":"x","lat":37.3,"lon":-122.0,"rad":1000,"tst":1}`,
		`{"_type":"something new"}`,
	} {
		r, err := owntracks.Decode("owntracks/andi/phone", []byte(body), now)
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
		{"not JSON", "owntracks/a/b", `C2,561ebac3,v,50123456,65987654,0,0,11,0,5232`, owntracks.ErrNotJSON},
		{"no device", "owntracks/a", `{"_type":"location","lat":1,"lon":1,"tst":1}`, owntracks.ErrTopic},
		{"encrypted", "owntracks/a/b", `{"_type":"encrypted","data":"AAAA"}`, owntracks.ErrEncrypted},
		{"deeply nested", "owntracks/a/b", strings.Repeat(`{"a":`, 20_000), owntracks.ErrTooLarge},
		{"too large", "owntracks/a/b", `{"x":"` + strings.Repeat("x", 65<<10) + `"}`, owntracks.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := owntracks.Decode(c.topic, []byte(c.body), now)
			if !errors.Is(err, c.want) || r.Fix != nil {
				t.Fatalf("%v, %+v", err, r.Fix)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("owntracks/a/b", []byte(`{"_type":"location","lat":1.5,"lon":2.5,"tst":1551874878,"vel":61,"cog":3}`))
	f.Add("", []byte(`{"_type":"transition","event":"enter"}`))
	for _, input := range devicestest.Corpus(f) {
		f.Add("owntracks/a/b", input)
	}
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		r, err := owntracks.Decode(topic, body, now)
		if err != nil && r.Fix != nil {
			t.Fatal("a refused payload has a position")
		}
		if r.Fix != nil && geo.CheckPoint(r.Fix.Point) != nil {
			t.Fatalf("bad point %v", r.Fix.Point)
		}
	})
}
