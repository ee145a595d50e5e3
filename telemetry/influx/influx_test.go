package influx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/influx/influxtest"
	"htgateway/telemetry/telemetrytest"
)

func open(t testing.TB, url, bucket string) *influx.Store {
	t.Helper()
	s, err := influx.New(influx.Settings{URL: url, Org: "htgateway", Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	telemetrytest.Contract(t, func(t *testing.T) telemetry.Store {
		return open(t, server.URL, server.Bucket(t))
	})
}

// TestServerRefusesOnePoint: what no check can foresee, because it depends on
// what the server has already.
func TestServerRefusesOnePoint(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	s := open(t, server.URL, server.Bucket(t))
	defer s.Close()
	var batch, want []telemetry.Point
	for n := range 1000 {
		p := telemetrytest.Fix("D1", n)
		if n == 617 {
			p.Fields[0].Value = "south" // the server knows lat as a number
		} else {
			want = append(want, p)
		}
		batch = append(batch, p)
	}
	var refused *telemetry.RefusedError
	if err := s.Write(t.Context(), batch); !errors.As(err, &refused) {
		t.Fatalf("write: %v", err)
	}
	if len(refused.Points) != 1 || refused.Points[0].Identity() != batch[617].Identity() || !strings.Contains(refused.Reasons[0], "field type conflict") {
		t.Errorf("refused %d points, because %q", len(refused.Points), refused.Reasons)
	}
	telemetrytest.Same(t, telemetrytest.Read(t, s, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func TestUnknownBucketIsUnavailable(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	s := open(t, server.URL, "nobody/autogen")
	defer s.Close()
	err := s.Write(t.Context(), []telemetry.Point{telemetrytest.Fix("D1", 0)})
	if !errors.Is(err, telemetry.ErrUnavailable) || !strings.Contains(err.Error(), "database not found") {
		t.Errorf("write: %v", err)
	}
}

// TestAnswersOfOtherServers: what InfluxDB 2 and the proxies before it answer,
// and 1.8 never does.
func TestAnswersOfOtherServers(t *testing.T) {
	t.Parallel()
	point := []telemetry.Point{telemetrytest.Fix("D1", 0)}
	for status, refuses := range map[int]bool{
		400: true, 401: false, 403: false, 404: false, 408: false, 413: true, 422: true, 429: false, 500: false, 502: false, 503: false, 504: false,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				fmt.Fprint(w, `{"code":"some code","message":"some words"}`)
			}))
			defer server.Close()
			s := open(t, server.URL, "b")
			defer s.Close()
			err := s.Write(t.Context(), point)
			var refused *telemetry.RefusedError
			if errors.As(err, &refused) != refuses || errors.Is(err, telemetry.ErrUnavailable) == refuses {
				t.Errorf("write: %v", err)
			}
		})
	}
}

func TestSilentServerIsUnavailable(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(hold)
	s, err := influx.New(influx.Settings{URL: server.URL, Bucket: "b", Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Write(t.Context(), []telemetry.Point{telemetrytest.Fix("D1", 0)}); !errors.Is(err, telemetry.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, err := range s.Points(ctx, telemetry.Query{Measurement: telemetry.UnitFix}) {
		if !errors.Is(err, telemetry.ErrUnavailable) {
			t.Errorf("read: %v", err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, s := range []influx.Settings{
		{}, {URL: "127.0.0.1:8086", Bucket: "b"}, {URL: "http://", Bucket: "b"}, {URL: "ftp://a", Bucket: "b"}, {URL: "http://a"}, {URL: "http://[", Bucket: "b"},
	} {
		if _, err := influx.New(s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}

// BenchmarkWrite stores fixes as the follower does, 1,000 in a batch.
func BenchmarkWrite(b *testing.B) {
	const batch = 1000
	server := influxtest.Start(b)
	s := open(b, server.URL, server.Bucket(b))
	defer s.Close()
	points := make([]telemetry.Point, batch)
	n := 0
	start := time.Now()
	for b.Loop() {
		for i := range points {
			points[i] = telemetrytest.Fix(fmt.Sprintf("D%d", n%50), n)
			n++
		}
		if err := s.Write(b.Context(), points); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "points/s")
}

// TestFacts: one live value of each fact, however often it was corrected, and in the
// presence of another county's points.
func TestFacts(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	telemetrytest.Facts(t, 8, func(t *testing.T) telemetry.Store {
		bucket := server.Bucket(t)
		other, err := influx.New(influx.Settings{URL: server.URL, Bucket: bucket, Area: "kuningan"})
		if err != nil {
			t.Fatal(err)
		}
		foreign := telemetrytest.Fix("D1", 1)
		foreign.Tags = append([]telemetry.Tag{{Key: "area", Value: "kuningan"}}, foreign.Tags...)
		if err := other.Write(t.Context(), []telemetry.Point{foreign}); err != nil {
			t.Fatal(err)
		}
		own, err := influx.New(influx.Settings{URL: server.URL, Bucket: bucket, Area: "majalengka"})
		if err != nil {
			t.Fatal(err)
		}
		return neighbour{own, func() error {
			telemetrytest.Same(t, telemetrytest.Read(t, other, telemetry.Query{Measurement: telemetry.UnitFix}), []telemetry.Point{foreign})
			return other.Close()
		}}
	})
}

// neighbour is a store in whose bucket another county has points, which are looked at in
// the end.
type neighbour struct {
	*influx.Store
	look func() error
}

func (n neighbour) Close() error { return errors.Join(n.look(), n.Store.Close()) }
