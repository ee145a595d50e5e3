package trace_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/gateway/history/trace"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/updatelog"
)

// Whoever doubts a time on the screen is shown the very frame that it comes from, when it
// was on disk, what was made of it, and which sink has not sent it yet.
func ExampleFollow() {
	dir, err := os.MkdirTemp("", "trace")
	defer os.RemoveAll(dir)
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	j, err2 := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: func() time.Time { return at.Add(40 * time.Millisecond) }, Log: slog.New(slog.DiscardHandler)})
	log, err3 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	defer log.Close()
	report := devices.Report{ID: "r1", Device: "fleetsync:100-1001", Protocol: devices.Kenwood, Kind: devices.KindStatus, StatusCode: "13", Status: devices.StatusOnScene, Link: "roof", ReceivedAt: at, Raw: []byte("$PKLID,00,100,1001,13,00,*69")}
	r, _ := journal.NewRecord(journal.KindReport, "r1", at, report)
	_, err = j.Append(ctx, r)
	tracker := tracker.New(incident.Settings{Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Devices: []devices.Identity{"fleetsync:100-1001"}}}})
	err = errors.Join(err, log.Append(ctx, tracker.Apply(incident.Event{Seq: 1, Report: &report})), log.Flush(ctx), log.SetCursor(ctx, "series", 1), log.SetCursor(ctx, "webhook", 0))

	reader, err2 := sqlite.OpenToRead(ctx, filepath.Join(dir, "journal.db"))
	updates, err3 := updatelog.OpenToRead(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer reader.Close()
	defer updates.Close()
	t, err := trace.Follow(ctx, reader, updates, "r1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.WriteText(os.Stdout, time.UTC))
	// Output:
	// report r1
	// frame
	//   $PKLID,00,100,1001,13,00,*69  (kenwood, 28 bytes)
	//   says: status; code "13", status "on_scene"
	//   device fleetsync:100-1001, identity not stated
	// heard by
	//   2026-11-24 09:14:00.000 UTC  roof
	// times
	//   device     told no time
	//   received   2026-11-24 09:14:00.000 UTC
	//   journaled  2026-11-24 09:14:00.040 UTC, entry 1, 0.040 s after
	// tracker
	//   1      status    2026-11-24 09:14:00.000 UTC  DAMKAR 1: on_scene (code "13")
	// sinks
	//   series               at update 1: done
	//   webhook              at update 0: 1 of 1 still to come
	// sent back
	//   nothing
	// <nil>
}
