package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/ops/retention"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
	"htgateway/telemetry/telemetrytest"
)

// job is one over a real series, at a time n hours after the first fix.
func job(t *testing.T, s retention.Settings, hours int, incidents []incident.Incident) (*retention.Job, *sqlite.Store, *[]string, *bytes.Buffer) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "series.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	var did []string
	var said bytes.Buffer
	find := func(want func(incident.Call) bool, _ int) (found []incident.Incident) {
		for _, in := range incidents {
			if want(in.Call()) {
				found = append(found, in)
			}
		}
		return found
	}
	return retention.New(retention.Parts{
		Settings: s, Series: store, Ready: func(context.Context) error { return nil }, Find: find, Log: slog.New(slog.NewTextHandler(&said, nil)),
		Now: func() time.Time { return telemetrytest.Start.Add(time.Duration(hours) * time.Hour) },
		Erase: func(_ context.Context, id, reason string) error {
			did = append(did, "erase "+id+": "+reason)
			return nil
		},
		Finish: func(_ context.Context, id string) error {
			did = append(did, "finish "+id)
			if id == "broken" {
				return errors.New("the disk is full")
			}
			return nil
		},
	}), store, &did, &said
}

func TestPointsAreThinnedAndThenForgotten(t *testing.T) {
	t.Parallel()
	j, store, _, _ := job(t, retention.Settings{Fixes: 72 * time.Hour, ThinAfter: 48 * time.Hour, ThinTo: time.Hour}, 96, nil)
	var all []telemetry.Point
	for n := range 96 * 4 { // one each quarter of an hour
		all = append(all, telemetrytest.Fix("D1", n*900))
	}
	if err := store.Write(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second day nothing else is past its time
		if err := j.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := telemetrytest.Read(t, store, telemetry.Query{Measurement: telemetry.UnitFix})
		thinned := slices.DeleteFunc(slices.Clone(left), func(p telemetry.Point) bool { return !p.Time.Before(telemetrytest.Start.Add(47 * time.Hour)) })
		if !left[0].Time.Equal(telemetrytest.Start.Add(24*time.Hour)) || len(thinned) != 23 || len(left) != 24+48*4 {
			t.Errorf("%d left from %s on, %d of them thinned", len(left), left[0].Time.Sub(telemetrytest.Start), len(thinned))
		}
	}
}

func TestCallersPastTheirTime(t *testing.T) {
	t.Parallel()
	at := func(hours int) time.Time { return telemetrytest.Start.Add(time.Duration(hours) * time.Hour) }
	incidents := []incident.Incident{
		{ID: "old", Caller: "Bu Aminah", ClosedAt: at(1)}, {ID: "young", Caller: "Pak Dedi", ClosedAt: at(50)}, {ID: "open", Caller: "Bu Siti"},
		{ID: "nobody", ClosedAt: at(1)}, {ID: "erased", ClosedAt: at(1), CallerErasedAt: at(2)},
	}
	j, _, did, _ := job(t, retention.Settings{Callers: 48 * time.Hour}, 96, incidents)
	if err := j.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*did, "; "); got != "erase old: batas simpan / retention: 48h0m0s" {
		t.Errorf("did %s", got)
	}
	for _, forever := range []retention.Settings{{}, {Fixes: 24 * time.Hour}} {
		j, _, did, _ := job(t, forever, 96, incidents)
		if err := j.Once(t.Context()); err != nil || len(*did) != 0 {
			t.Errorf("%+v: did %v, %v", forever, *did, err)
		}
	}
}

// TestInterruptedErasuresAreFinished at the start, one failing does not keep another.
func TestInterruptedErasuresAreFinished(t *testing.T) {
	t.Parallel()
	at := telemetrytest.Start
	j, _, did, said := job(t, retention.Settings{}, 96, []incident.Incident{{ID: "broken", CallerErasedAt: at}, {ID: "a", CallerErasedAt: at}, {ID: "b", Caller: "Bu Aminah"}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*did); got != "[finish broken finish a]" {
		t.Errorf("did %s", got)
	}
	if err := j.FinishErasures(t.Context()); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("error %v, log %s", err, said)
	}
}
