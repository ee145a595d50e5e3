package influx

import (
	"syscall"
	"testing"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/write"

	"htgateway/telemetry"
)

func libraryLine(p telemetry.Point) string {
	return write.PointToLineProtocol(clientPoint(p), time.Nanosecond)
}

func clientPoint(p telemetry.Point) *write.Point {
	out := write.NewPointWithMeasurement(p.Measurement).SetTime(p.Time)
	for _, t := range p.Tags {
		out.AddTag(t.Key, t.Value)
	}
	for _, f := range p.Fields {
		out.AddField(f.Key, f.Value)
	}
	return out
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

// fixPoint is a point of the kind that most points are.
func fixPoint() telemetry.Point {
	return telemetry.Point{
		Measurement: "unit_fix",
		Tags:        []telemetry.Tag{{Key: "agency", Value: "PSC 119"}, {Key: "link", Value: "embedded"}, {Key: "protocol", Value: "owntracks"}, {Key: "unit", Value: "psc-119-7"}},
		Fields: []telemetry.Field{
			{Key: "lat", Value: -6.836412}, {Key: "lon", Value: 108.227398}, {Key: "accuracy_m", Value: 8.0}, {Key: "speed_mps", Value: 9.4},
			{Key: "course_deg", Value: 212.0}, {Key: "incident", Value: "20261124-0007"}, {Key: "report", Value: "b1946ac92492d2347c6235b4d2611184"},
		},
		Time: time.Unix(1795000000, 123),
	}
}

// BenchmarkLineBesideClient encodes the same point by this package and by the
// client library's own encoder, which is given its own form of the point ready
// made. It is a row of `make bench`.
func BenchmarkLineBesideClient(b *testing.B) {
	const points, batch = 400_000, mostAtOnce
	p := fixPoint()
	if got, want := string(appendLine(nil, p)), write.PointToLineProtocol(clientPoint(p), time.Nanosecond); got != want {
		b.Fatalf("got  %swant %s", got, want)
	}
	theirs := clientPoint(p)
	b.ReportMetric(float64(points)/timed(func() {
		for range points / batch {
			body := make([]byte, 0, 256*batch)
			for range batch {
				body = appendLine(body, p)
			}
		}
	}), "ours")
	b.ReportMetric(float64(points)/timed(func() {
		for range points {
			_ = write.PointToLineProtocol(theirs, time.Nanosecond)
		}
	}), "theirs")
	b.ReportMetric(testing.AllocsPerRun(1000, func() { _ = appendLine(make([]byte, 0, 512), p) }), "allocations_a_point")
	b.ReportMetric(testing.AllocsPerRun(1000, func() { _ = write.PointToLineProtocol(theirs, time.Nanosecond) }), "their_allocations_a_point")
}

// timed is the CPU time that f takes, in seconds.
func timed(f func()) float64 {
	used := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			panic(err)
		}
		return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
	}
	before := used()
	f()
	return used() - before
}
