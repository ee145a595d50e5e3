package influx

import (
	"testing"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/write"

	"htgateway/telemetry"
)

func libraryLine(p telemetry.Point) string {
	out := write.NewPointWithMeasurement(p.Measurement).SetTime(p.Time)
	for _, t := range p.Tags {
		out.AddTag(t.Key, t.Value)
	}
	for _, f := range p.Fields {
		out.AddField(f.Key, f.Value)
	}
	return write.PointToLineProtocol(out, time.Nanosecond)
}

func sample(text string, number float64) telemetry.Point {
	return telemetry.Point{
		Measurement: "unit fix, raw",
		Tags:        []telemetry.Tag{{Key: "a link", Value: "roof=1, hill"}, {Key: "unit", Value: "Damkar 1"}},
		Fields:      []telemetry.Field{{Key: "lat", Value: number}, {Key: "n", Value: int64(-7)}, {Key: "ok", Value: true}, {Key: "text", Value: text}},
		Time:        time.Unix(1795000000, 123),
	}
}

// TestLineIsTheLibrarys: except for the line feed, which the library cannot write.
func TestLineIsTheLibrarys(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "r1", `a "b" \c\`, "désa 警察", "a=b,c d"} {
		for _, number := range []float64{0, -6.8364, 12, 1e300, 5e-324} {
			p := sample(text, number)
			if got, want := string(appendLine(nil, p)), libraryLine(p); got != want {
				t.Errorf("got  %swant %s", got, want)
			}
		}
	}
	want := "m f=\"a\nb\" 5\n"
	p := telemetry.Point{Measurement: "m", Fields: []telemetry.Field{{Key: "f", Value: "a\nb"}}, Time: time.Unix(0, 5)}
	if got := string(appendLine(nil, p)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkLine(b *testing.B) {
	p := sample("r1", -6.8364)
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = appendLine(buf[:0], p)
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = libraryLine(p)
		}
	})
}
