package fieldjson_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol/fieldjson"
	"htgateway/geo"
)

const topic = "htgateway/devices/keypad-3/report"

func TestReportOfTheManual(t *testing.T) {
	t.Parallel()
	r, err := fieldjson.Decode(topic, []byte(`{"time":"2026-11-23T09:15:00Z","lat":-6.8365,"lon":108.2279,"accuracy_m":8,"speed_mps":9.4,"course_deg":212,"status":"on_scene","text":"","emergency":false,"battery_pct":77,"seq":412}`), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Device != "field:keypad-3" || r.Status != devices.StatusOnScene || r.Kind != devices.KindStatus || r.Sequence != "412" ||
		r.Fix.Point[0] != 108.2279 || r.Fix.Point[1] != -6.8365 || r.Fix.SpeedMPS.Or(0) != 9.4 || r.BatteryPct.Or(0) != 77 ||
		!r.DeviceTime.Equal(time.Date(2026, 11, 23, 9, 15, 0, 0, time.UTC)) {
		t.Fatalf("%+v %+v", r, r.Fix)
	}
}

func TestUnknownStatusIsKeptAsItsCode(t *testing.T) {
	t.Parallel()
	r, err := fieldjson.Decode(topic, []byte(`{"status":"istirahat"}`), time.Time{})
	if err != nil || r.StatusCode != "istirahat" || r.Status != "" {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, topic, body string
		want              error
	}{
		{"overflow", topic, `{"lat":1e999,"lon":0}`, fieldjson.ErrNotJSON},
		{"NaN", topic, `{"lat":NaN,"lon":0}`, fieldjson.ErrNotJSON},
		{"no device", "htgateway/devices//report", `{"status":"on_scene"}`, fieldjson.ErrTopic},
		{"too deep", topic, `{"status":"on_scene","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, devices.ErrTooDeep},
		{"too large", topic, `{"text":"` + strings.Repeat("x", 65<<10) + `"}`, fieldjson.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := fieldjson.Decode(c.topic, []byte(c.body), time.Time{})
			if !errors.Is(err, c.want) || r.Fix != nil {
				t.Fatalf("%v, %+v", err, r)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(topic, []byte(`{"time":"2026-11-23T09:15:00Z","lat":-6.8365,"lon":108.2279,"status":"on_scene","seq":"a"}`))
	for _, input := range devicestest.Corpus(f) {
		f.Add(topic, input)
	}
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		r, err := fieldjson.Decode(topic, body, time.Time{})
		if err != nil && r.Fix != nil {
			t.Fatal("a refused payload has a position")
		}
		if r.Fix != nil && geo.CheckPoint(r.Fix.Point) != nil {
			t.Fatalf("bad point %v", r.Fix.Point)
		}
	})
}
