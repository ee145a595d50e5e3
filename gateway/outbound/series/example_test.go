package series_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry/sqlite"
)

// What the tracker gave out is in the series a moment later, and the sink says so.
func ExampleSink() {
	dir, err := os.MkdirTemp("", "series")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	updates, err := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer updates.Close()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "series.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	call := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	err = updates.Append(ctx, []incident.Update{{
		Seq: 1, JournalSeq: 1, ID: "u1", Kind: incident.UpdateMilestone, At: call, Incident: "i7", Category: "fire", ReceivedAt: call, Unit: "damkar-1",
		Milestone: &incident.Milestone{Name: incident.OnScene, Unit: "damkar-1", At: call.Add(11 * time.Minute), Evidence: incident.ByKey, Report: "r1"},
	}})
	if err != nil {
		fmt.Println(err)
	}
	s := series.New(series.Settings{Kind: "sqlite", Store: store, Updates: updates, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	fmt.Println(s.Drain(ctx))
	for _, is := range s.Status() {
		fmt.Println(is.ID, is.Kind, is.State, "points:", is.Reports)
	}
	end()
	fmt.Println(<-ended)
	// Output:
	// <nil>
	// series store up points: 1
	// <nil>
}
