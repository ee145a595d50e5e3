package tetra_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/tetra"
	"htgateway/geo"
)

// element is one field of a LIP message.
type element struct {
	value int
	bits  int
}

// lip writes an indication of a LIP message, whose digits are as few as hold it.
func lip(elements ...element) string {
	bits := ""
	for _, e := range append([]element{{0x0A, 8}}, elements...) {
		bits += fmt.Sprintf("%0*b", e.bits, e.value&(1<<e.bits-1))
	}
	length := len(bits)
	for len(bits)%4 != 0 {
		bits += "0"
	}
	digits := ""
	for ; bits != ""; bits = bits[4:] {
		n := 0
		for _, b := range bits[:4] {
			n = n<<1 | int(b-'0')
		}
		digits += fmt.Sprintf("%X", n)
	}
	return fmt.Sprintf("+CTSDSR: 12,1,0,2,0,%d\r\n%s", length, digits)
}

// The town square of Majalengka.
const lat, lon = -6.8365, 108.227

var (
	here     = []element{{int(math.Round(lon / 360 * (1 << 25))), 25}, {int(math.Round(lat / 180 * (1 << 24))), 24}}
	long     = []element{{1, 2}, {3, 4}}
	routine  = []element{{0, 1}, {0, 1}, {129, 8}}
	urgent   = []element{{0, 1}, {0, 1}, {2, 8}}
	notKnown = math.NaN()
)

func parts(all ...[]element) (out []element) {
	for _, p := range all {
		out = append(out, p...)
	}
	return out
}

func one(value, bits int) []element { return []element{{value, bits}} }

func TestPositions(t *testing.T) {
	t.Parallel()
	type want struct {
		accuracy, speed, course, altitude float64
		noLock, emergency                 bool
	}
	short := func(elapsed, errorClass, speed, direction, userByte, last int) string {
		return lip(parts([]element{{0, 2}, {elapsed, 2}}, here, []element{{errorClass, 3}, {speed, 7}, {direction, 4}, {userByte, 1}, {last, 8}})...)
	}
	const kmh = 1 / 3.6
	for _, c := range []struct {
		name, frame string
		want        want
	}{
		{"parked", short(0, 0, 0, 0, 0, 129), want{2, 0, 0, notKnown, false, false}},
		{"28 km/h", short(1, 1, 28, 4, 0, 129), want{20, 28 * kmh, 90, notKnown, false, false}},
		{"the first step above", short(3, 2, 29, 15, 0, 130), want{200, 29.06 * kmh, 337.5, notKnown, false, false}},
		{"fastest", short(0, 5, 126, 15, 0, 130), want{200_000, 1082.48 * kmh, 337.5, notKnown, false, false}},
		{"speed unknown", short(0, 6, 127, 15, 0, 130), want{20_000_000, notKnown, notKnown, notKnown, false, false}},
		{"speed unknown, direction known", short(0, 7, 127, 8, 0, 130), want{notKnown, notKnown, 180, notKnown, false, false}},
		{"half an hour old", short(2, 1, 0, 0, 0, 129), want{20, 0, 0, notKnown, true, false}},
		{"emergency", short(0, 1, 0, 0, 0, 2), want{20, 0, 0, notKnown, false, true}},
		{"user's byte of 2", short(0, 1, 0, 0, 1, 2), want{20, 0, 0, notKnown, false, false}},

		{"point", lip(parts(long, one(0, 2), one(1, 4), here, one(0, 3), routine)...), want{notKnown, notKnown, notKnown, notKnown, false, false}},
		{"point, emergency", lip(parts(long, one(0, 2), one(1, 4), here, one(0, 3), urgent)...), want{notKnown, notKnown, notKnown, notKnown, false, true}},
		{"old point with altitude", lip(parts(long, one(1, 2), one(2, 2), one(4, 4), here, one(401, 12), one(1, 3), one(20, 7), urgent)...), want{notKnown, 20 * kmh, notKnown, 200, true, true}},
		{"circle", lip(parts(long, one(0, 2), one(2, 4), here, one(10, 6), one(5, 3), one(28, 7), one(128, 8), urgent)...), want{26.81, 28 * kmh, 180, notKnown, false, true}},
		{"circle, best effort, nothing else known", lip(parts(long, one(0, 2), one(2, 4), here, one(63, 6), one(5, 3), one(127, 7), one(255, 8), urgent)...), want{notKnown, notKnown, notKnown, notKnown, false, true}},
		{"circle with altitude", lip(parts(long, one(0, 2), one(5, 4), here, one(0, 6), one(1926, 12), one(6, 3), one(28, 7), one(1, 3), one(64, 8), one(1, 3), urgent)...), want{0.98, 28 * kmh, 90, 2450, false, true}},
		{"circle with altitude and its error", lip(parts(long, one(0, 2), one(7, 4), here, one(0, 6), one(1927, 12), one(1, 3), one(3, 3), one(28, 7), one(64, 8), urgent)...), want{0.98, 28 * kmh, notKnown, 2525, false, true}},
		{"altitude of the site's own", lip(parts(long, one(0, 2), one(4, 4), here, one(1<<11|401, 12), one(0, 3), urgent)...), want{notKnown, notKnown, notKnown, notKnown, false, true}},
		{"ellipse", lip(parts(long, one(0, 2), one(3, 4), here, one(10, 6), one(3, 6), one(9, 8), one(1, 1), one(4, 3), one(28, 7), one(1, 3), one(64, 8), one(2, 3), urgent)...), want{26.81, 28 * kmh, notKnown, notKnown, false, true}},
		{"ellipse with altitude", lip(parts(long, one(0, 2), one(6, 4), here, one(10, 6), one(3, 6), one(9, 8), one(1, 12), one(1, 1), one(2, 3), one(28, 7), one(1, 3), urgent)...), want{26.81, 28 * kmh, notKnown, -200, false, true}},
		{"ellipse with all", lip(parts(long, one(1, 2), one(1, 2), one(8, 4), here, one(10, 6), one(3, 6), one(9, 8), one(1201, 12), one(2, 3), one(1, 1), one(7, 3), one(28, 7), one(1, 3), one(64, 8), one(2, 3), one(32, 8), one(3, 3), urgent)...), want{26.81, 28 * kmh, 45, 1000, false, true}},
		{"point and error", lip(parts(long, one(0, 2), one(10, 4), here, one(1, 3), one(3, 3), one(28, 7), one(64, 8), urgent)...), want{20, 28 * kmh, notKnown, notKnown, false, true}},
		{"end cut off", lip(parts(long, one(0, 2), one(1, 4), here, one(5, 3), one(20, 7), one(128, 8))...), want{notKnown, notKnown, notKnown, notKnown, false, false}},
	} {
		r, err := tetra.NewDecoder().Decode([]byte(c.frame))
		if err != nil || r.Fix == nil || r.Kind != devices.KindPosition || r.Text != "" || !r.DeviceTime.IsZero() {
			t.Errorf("%s: %v, %+v", c.name, err, r)
			continue
		}
		f := r.Fix
		if math.Abs(f.Point[1]-lat) > 1e-5 || math.Abs(f.Point[0]-lon) > 1e-5 {
			t.Errorf("%s: at %v", c.name, f.Point)
		}
		for _, v := range []struct {
			name string
			got  geo.Reading
			want float64
		}{{"accuracy", f.AccuracyM, c.want.accuracy}, {"speed", f.SpeedMPS, c.want.speed}, {"course", f.CourseDeg, c.want.course}, {"altitude", f.AltitudeM, c.want.altitude}} {
			got, known := v.got.Value()
			if known == math.IsNaN(v.want) || known && math.Abs(got-v.want) > 0.02 {
				t.Errorf("%s: %s is %v (%v), want %v", c.name, v.name, got, known, v.want)
			}
		}
		if f.NoLock != c.want.noLock || r.Emergency != c.want.emergency {
			t.Errorf("%s: no lock %v, emergency %v", c.name, f.NoLock, r.Emergency)
		}
	}
}

func TestReportsWithoutAPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, frame string
		kind        devices.Kind
		emergency   bool
	}{
		{"short null island, emergency", lip(parts(one(0, 4), one(0, 25), one(0, 24), one(7, 3), one(127, 7), one(15, 4), one(0, 1), one(2, 8))...), devices.KindStatus, true},
		{"no shape", lip(parts(long, one(0, 2), one(0, 4), one(0, 3), routine)...), devices.KindOther, false},
		{"no shape, emergency", lip(parts(long, one(0, 2), one(0, 4), one(0, 3), urgent)...), devices.KindStatus, true},
		{"arc, emergency", lip(parts(long, one(0, 2), one(9, 4), here, one(1, 16), one(2, 16), one(1, 8), one(2, 8), one(1, 1), one(0, 3), urgent)...), devices.KindStatus, true},
		{"long null island, emergency", lip(parts(long, one(0, 2), one(1, 4), one(0, 25), one(0, 24), one(0, 3), urgent)...), devices.KindStatus, true},
	} {
		r, err := tetra.NewDecoder().Decode([]byte(c.frame))
		if err != nil || r.Fix != nil || r.Kind != c.kind || r.Emergency != c.emergency {
			t.Errorf("%s: %v, %+v", c.name, err, r)
		}
	}
	for name, frame := range map[string]string{
		"shape reserved": lip(parts(long, one(0, 2), one(11, 4), here, one(0, 3), urgent)...),
		"time reserved":  lip(parts(long, one(3, 2), one(1, 4), here, one(0, 3), urgent)...),
		"place cut off":  lip(parts(long, one(0, 2), one(2, 4), here)...),
		"null island":    lip(parts(long, one(0, 2), one(1, 4), one(0, 25), one(0, 24), one(0, 3), routine)...),
	} {
		if r, err := tetra.NewDecoder().Decode([]byte(frame)); err == nil || r.Fix != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestTimeOfPosition: the report has the day of the month; month and year are
// those of its reception, or nothing.
func TestTimeOfPosition(t *testing.T) {
	t.Parallel()
	frame := func(day, hour, minute, second int) []byte {
		return []byte(lip(parts(long, one(2, 2), one(day, 5), one(hour, 5), one(minute, 6), one(second, 6), one(1, 4), here, one(0, 3), routine)...) + "\r\n")
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		received                  string
		day, hour, minute, second int
		want                      string
	}{
		{"2026-03-15 10:00:00", 15, 9, 59, 58, "2026-03-15 09:59:58"},
		{"2026-03-15 10:00:00", 14, 10, 0, 0, "2026-03-14 10:00:00"},
		{"2026-03-15 10:00:00", 14, 9, 59, 59, ""},
		{"2026-03-15 10:00:00", 15, 10, 1, 59, "2026-03-15 10:01:59"},
		{"2026-03-15 10:00:00", 15, 10, 2, 1, ""},
		{"2026-03-15 10:00:00", 16, 9, 0, 0, ""},
		{"2026-03-01 00:00:30", 28, 23, 59, 58, "2026-02-28 23:59:58"},
		{"2026-03-01 00:00:30", 31, 23, 59, 58, ""},
		{"2026-01-01 00:00:30", 31, 23, 59, 58, "2025-12-31 23:59:58"},
		{"2025-12-31 23:59:30", 1, 0, 0, 10, "2026-01-01 00:00:10"},
		{"2026-03-15 10:00:00", 0, 9, 0, 0, ""},
		{"2026-03-15 10:00:00", 15, 24, 0, 0, ""},
		{"2026-03-15 10:00:00", 15, 9, 60, 0, ""},
	} {
		f := tetra.NewDecoder().Feed(frame(c.day, c.hour, c.minute, c.second), at(c.received))
		if len(f) != 1 || f[0].Err != nil || f[0].Report.Fix == nil {
			t.Fatalf("%+v: %+v", c, f)
		}
		r := f[0].Report
		if c.want == "" {
			if !r.DeviceTime.IsZero() || !r.Fix.Time.IsZero() || r.ClockNote != "" {
				t.Errorf("%+v: %v %q", c, r.DeviceTime, r.ClockNote)
			}
		} else if !r.DeviceTime.Equal(at(c.want)) || !r.Fix.Time.Equal(at(c.want)) || r.ClockNote == "" {
			t.Errorf("%+v: %v %q", c, r.DeviceTime, r.ClockNote)
		}
	}
}
