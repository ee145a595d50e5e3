package influx_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/influx/influxtest"
	"htgateway/telemetry/telemetrytest"
)

// following is a follower over a real log and store.
type following struct {
	t        *testing.T
	store    *influx.Store
	log      *updatelog.Log
	follower *telemetry.Follower

	mu      sync.Mutex
	letters []telemetry.Refused
}

func follow(t *testing.T, s influx.Settings, updates []incident.Update) *following {
	t.Helper()
	log, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	f := &following{t: t, log: log}
	if f.store, err = influx.New(s); err != nil {
		t.Fatal(err)
	}
	if err := log.Append(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
	f.follower = telemetry.NewFollower(telemetry.FollowerOptions{
		Sink: "influx", Updates: log, Store: f.store, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		SetAside: func(_ context.Context, r telemetry.Refused) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.letters = append(f.letters, r)
			return nil
		},
		FirstWait: time.Millisecond, LongestWait: 50 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.follower.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, log.Close(), f.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// waits returns once some tries have failed, and makes sure that the cursor did not move.
func (f *following) waits(why string) {
	f.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for enough := time.After(time.Minute); ; {
		s := f.follower.State()
		if s.Seq != 0 || s.Points != 0 {
			f.t.Fatalf("the cursor moved past what no server took: %+v", s)
		}
		if s.Failures > 1 && strings.Contains(s.Reason, why) {
			return
		}
		select {
		case <-again.C:
		case <-enough:
			f.t.Fatalf("the state does not say %q: %+v", why, s)
		}
	}
}

// reaches returns once the cursor is at an update.
func (f *following) reaches(seq uint64) {
	f.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for enough := time.After(2 * time.Minute); f.follower.State().Seq < seq; {
		select {
		case <-again.C:
		case <-enough:
			f.t.Fatalf("the cursor does not reach %d: %+v", seq, f.follower.State())
		}
	}
}

// holds compares what the server has with what some updates mean, and the dead
// letters with how many there are to be and why.
func (f *following) holds(stored []incident.Update, letters int, why string, want ...telemetry.Point) {
	f.t.Helper()
	for _, u := range stored {
		want = append(want, telemetry.Points(u)...)
	}
	telemetrytest.Same(f.t, telemetrytest.Read(f.t, f.store, telemetry.Query{Measurement: telemetry.UnitFix}), want)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.letters) != letters {
		f.t.Errorf("%d dead letters, want %d", len(f.letters), letters)
	}
	for _, l := range f.letters {
		if !strings.Contains(l.Reason, why) || l.Seq == 0 {
			f.t.Errorf("dead letter of update %d says %q, not %q", l.Seq, l.Reason, why)
		}
	}
}

// TestWrongTokenWaits until somebody puts it right.
func TestWrongTokenWaits(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	bucket := server.Bucket(t)
	server.Run(t, "CREATE USER admin WITH PASSWORD 'rahasia' WITH ALL PRIVILEGES")
	server.Kill(t)
	server.Configure(t, influxtest.Settings{AskPassword: true})
	server.Restart(t)
	updates := fixes(0, 300)
	f := follow(t, influx.Settings{URL: server.URL, Bucket: bucket, Token: "admin:wrong"}, updates)
	f.waits("401")
	server.Kill(t)
	server.Configure(t, influxtest.Settings{})
	server.Restart(t)
	f.reaches(300)
	f.holds(updates, 0, "")
}

// TestSlowServerIsAskedAgain: an answer that does not come in time counts as none,
// although the server may have taken the points; they are written again, and stay
// the same.
func TestSlowServerIsAskedAgain(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(to)
	var slow atomic.Bool
	slow.Store(true)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slow.Load() || r.URL.Path != "/api/v2/write" {
			pass.ServeHTTP(w, r)
			return
		}
		pass.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context()))) // it takes them, and its answer is late
		<-r.Context().Done()
	}))
	defer proxy.Close()
	updates := fixes(0, 300)
	f := follow(t, influx.Settings{URL: proxy.URL, Bucket: server.Bucket(t), Timeout: 300 * time.Millisecond}, updates)
	f.waits("")
	slow.Store(false)
	f.reaches(300)
	f.holds(updates, 0, "")
}

// TestFullServerSetsAside what it has no room for, and takes the rest.
func TestFullServerSetsAside(t *testing.T) {
	t.Parallel()
	server := influxtest.StartWith(t, influxtest.Settings{MostSeries: 4}) // the note of what the series is made is one
	updates := fixes(0, 300)                                              // of five units, each a series
	f := follow(t, influx.Settings{URL: server.URL, Bucket: server.Bucket(t)}, updates)
	f.reaches(300)
	var stored []incident.Update
	for n, u := range updates {
		if n%5 < 3 {
			stored = append(stored, u)
		}
	}
	f.holds(stored, 120, "max-series-per-database limit exceeded")
}

// TestPointsOlderThanTheRetentionAreSetAside: the bucket keeps an hour.
func TestPointsOlderThanTheRetentionAreSetAside(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	database, _, _ := strings.Cut(server.Bucket(t), "/")
	server.Run(t, "CREATE RETENTION POLICY brief ON "+database+" DURATION 1h REPLICATION 1")
	updates := fixes(0, 40)
	for n := range updates {
		age := time.Duration(n) * time.Second
		if n%4 == 0 {
			age += 3 * time.Hour
		}
		updates[n].At = time.Now().Add(-age).UTC()
	}
	f := follow(t, influx.Settings{URL: server.URL, Bucket: database + "/brief"}, updates)
	f.reaches(40)
	var stored []incident.Update
	for n, u := range updates {
		if n%4 != 0 {
			stored = append(stored, u)
		}
	}
	f.holds(stored, 10, "points beyond retention policy")
}

// TestFieldOfAnotherTypeIsSetAside: a foreign hand wrote speeds as words.
func TestFieldOfAnotherTypeIsSetAside(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	bucket := server.Bucket(t)
	store := open(t, server.URL, bucket)
	defer store.Close()
	foreign := telemetrytest.Fix("D9", 1000)
	foreign.Fields = append(foreign.Fields, telemetry.Field{Key: "speed_mps", Value: "fast"})
	if err := store.Write(t.Context(), []telemetry.Point{foreign}); err != nil {
		t.Fatal(err)
	}
	updates := fixes(0, 60)
	var stored []incident.Update
	for n := range updates {
		if n%3 != 0 { // no speed, no conflict
			updates[n].Fix = &geo.Fix{Point: updates[n].Fix.Point}
			stored = append(stored, updates[n])
		}
	}
	f := follow(t, influx.Settings{URL: server.URL, Bucket: bucket}, updates)
	f.reaches(60)
	f.holds(stored, 20, "field type conflict", foreign)
}
