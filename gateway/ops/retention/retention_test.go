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
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/ops/retention"
	"htgateway/geo"
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
		Erase: func(_ context.Context, ids []string, reason string) error {
			did = append(did, "erase "+strings.Join(ids, " ")+": "+reason)
			return nil
		},
		Finish: func(context.Context) error {
			did = append(did, "finish")
			return errors.New("the disk is full")
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

// TestInterruptedErasuresAreFinished at the start; that it fails is logged and keeps
// nothing else.
func TestInterruptedErasuresAreFinished(t *testing.T) {
	t.Parallel()
	at := telemetrytest.Start
	j, _, did, said := job(t, retention.Settings{Callers: time.Hour}, 96, []incident.Incident{{ID: "a", CallerErasedAt: at}, {ID: "b", Caller: "Bu Aminah", ClosedAt: at}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*did); got != "[finish erase b: batas simpan / retention: 1h0m0s]" {
		t.Errorf("did %s, log %s", got, said)
	}
}

// TestCallersOfDuplicates: a duplicate has ended when the incident did that it was merged
// into, over several steps too; what a person gave back or a ring never did.
func TestCallersOfDuplicates(t *testing.T) {
	t.Parallel()
	start := telemetrytest.Start
	tr := tracker.New(incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()})
	n := 0
	act := func(a incident.Act) {
		n++
		a.ID, a.By, a.At = fmt.Sprint("a", n), "siti", start.Add(time.Duration(n)*time.Minute)
		tr.Apply(incident.Event{Seq: uint64(n), Act: &a})
	}
	merge := func(id, into string) { act(incident.Act{Kind: incident.ActMerge, Incident: id, Into: into}) }
	for _, id := range []string{"closed", "duplicate", "its-duplicate", "cancelled", "its", "open", "of-open", "given-back", "ring-1", "ring-2", "young", "of-young"} {
		act(incident.Act{Kind: incident.ActOpen, Incident: id, Opening: &incident.Opening{Number: id, Category: "fire", ReceivedAt: start, Caller: "Bu Aminah"}})
	}
	merge("its-duplicate", "duplicate")
	merge("duplicate", "closed")
	merge("its", "cancelled")
	merge("of-open", "open")
	merge("given-back", "closed")
	act(incident.Act{Kind: incident.ActReopen, Incident: "given-back"})
	merge("ring-1", "ring-2")
	merge("ring-2", "ring-1")
	merge("of-young", "young")
	act(incident.Act{Kind: incident.ActClose, Incident: "closed"})
	act(incident.Act{Kind: incident.ActCancel, Incident: "cancelled"})
	n = 3 * 24 * 60
	act(incident.Act{Kind: incident.ActClose, Incident: "young"})
	var erased []string
	j := retention.New(retention.Parts{
		Settings: retention.Settings{Callers: 48 * time.Hour}, Find: tr.Find, Log: slog.New(slog.DiscardHandler),
		Erase: func(_ context.Context, ids []string, _ string) error {
			erased = ids
			return nil
		},
		Now: func() time.Time { return start.Add(4 * 24 * time.Hour) },
	})
	if err := j.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"cancelled", "closed", "duplicate", "its", "its-duplicate"}; !slices.Equal(erased, want) {
		t.Errorf("erased %v, not %v", erased, want)
	}
}
