package fold

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// TestAlertsWhileFoldedAnew: while a new tracker is made, the present one answers about
// alerts too: no open emergency disappears.
func TestAlertsWhileFoldedAnew(t *testing.T) {
	t.Parallel()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	updates, err := updatelog.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { updates.Close() })
	settings := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()}
	if err := Prepare(t.Context(), updates, settings); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	r, err := journal.NewRecord(journal.KindReport, "r1", at, devices.Report{ID: "r1", Device: "aprs:YB1ZZZ-9", Kind: devices.KindPosition, ReceivedAt: at, Emergency: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	f := New(j, updates, settings, quiet)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	if err := f.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	end()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := f.BeginAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, open := len(f.Alerts()), len(f.OpenAlerts()); all != 1 || open != 1 {
		t.Errorf("while folded anew: %d alerts, %d open, want 1 of each", all, open)
	}
}
