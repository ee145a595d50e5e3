package influx_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/influx/influxtest"
	"htgateway/telemetry/telemetrytest"
)

// watchedLog tells when the cursor moved.
type watchedLog struct {
	*updatelog.Log
	cursor chan uint64
}

func (w watchedLog) SetCursor(ctx context.Context, sink string, seq uint64) error {
	err := w.Log.SetCursor(ctx, sink, seq)
	w.cursor <- seq
	return err
}

// watchedStore tells when a write failed.
type watchedStore struct {
	telemetry.Store
	failed chan struct{}
}

func (w watchedStore) Write(ctx context.Context, points []telemetry.Point) error {
	err := w.Store.Write(ctx, points)
	if err != nil {
		select {
		case w.failed <- struct{}{}:
		default:
		}
	}
	return err
}

func fixes(from, to int) []incident.Update {
	var out []incident.Update
	for n := from; n < to; n++ {
		out = append(out, incident.Update{
			Seq: uint64(n) + 1, JournalSeq: uint64(n) + 1, Kind: incident.UpdateFix, At: telemetrytest.Start.Add(time.Duration(n) * time.Second),
			Unit: fmt.Sprintf("D%d", n%5), Link: "roof", Protocol: "kenwood", Report: fmt.Sprintf("r%d", n),
			Fix: &geo.Fix{Point: orb.Point{108.2, -6.8}, SpeedMPS: geo.Measured(float64(n % 30))},
		})
	}
	return out
}

// TestServerKilledInMidStream: the server is killed while points stream in and
// comes back on its old data: none is missing and none is double.
func TestServerKilledInMidStream(t *testing.T) {
	t.Parallel()
	const all = 100_000
	server := influxtest.Start(t)
	store := open(t, server.URL, server.Bucket(t))
	log, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(log.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	updates := watchedLog{log, make(chan uint64, all)}
	taking := watchedStore{store, make(chan struct{}, 1)}
	follower := telemetry.NewFollower(telemetry.FollowerOptions{
		Sink: "influx", Updates: updates, Store: taking, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		SetAside: func(_ context.Context, r telemetry.Refused) error {
			return fmt.Errorf("update %d refused: %s", r.Seq, r.Reason)
		},
		FirstWait: time.Millisecond, LongestWait: 100 * time.Millisecond,
	})
	done := make(chan error, 1)
	go func() { done <- follower.Run(ctx) }()

	const step = 2000
	// Small appends, so that the kill falls between and inside of writes.
	feeding := make(chan error, 1)
	go func() {
		for n := 0; n < all; n += step {
			if err := log.Append(ctx, fixes(n, n+step)); err != nil {
				feeding <- err
				return
			}
		}
		feeding <- nil
	}()
	wait := func(until uint64) {
		t.Helper()
		for {
			select {
			case seq := <-updates.cursor:
				if seq >= until {
					return
				}
			case <-ctx.Done():
				t.Fatalf("cursor did not reach %d: %+v", until, follower.State())
			}
		}
	}
	wait(all / 10)
	server.Kill(t)
	if err := <-feeding; err != nil {
		t.Fatal(err)
	}
	select {
	case <-taking.failed:
	case <-ctx.Done():
		t.Fatal("no write failed while the server was away")
	}
	if s := follower.State(); s.Seq >= all {
		t.Fatalf("the cursor moved past what no server took: %+v", s)
	}
	server.Restart(t)
	wait(all)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := follower.State(); s.Failures == 0 || s.Refused != 0 {
		t.Errorf("state %+v", s)
	}
	var want []telemetry.Point
	for _, u := range fixes(0, all) {
		want = append(want, telemetry.Points(u)...)
	}
	telemetrytest.Same(t, telemetrytest.Read(t, store, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}
