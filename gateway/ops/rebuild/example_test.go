package rebuild_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/rebuild"
)

// Of one journal the same comes out each time: the first run makes what was never made,
// the second finds what it makes again.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "rebuild")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	c, err := config.Load("") // what an empty file gives
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Data.Dir = dir
	ctx, now := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	quiet := slog.New(slog.DiscardHandler)
	j, err := datadir.OpenJournal(ctx, c, time.Now, quiet)
	if err != nil {
		fmt.Println(err)
		return
	}
	call := incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", By: "Siti", At: now, Opening: &incident.Opening{Number: "1", Category: "fire", ReceivedAt: now}}
	rec, err := journal.NewRecord(journal.KindAct, call.ID, now, call)
	if err == nil {
		_, err = j.Append(ctx, rec)
	}
	if err = errors.Join(err, j.Close()); err != nil {
		fmt.Println(err)
		return
	}
	o := rebuild.Options{Progress: func(string, uint64, uint64) {}, Now: time.Now, Log: quiet}
	for range 2 {
		before, after, err := rebuild.Run(ctx, c, o)
		fmt.Println("updates the same:", before.Updates == after.Updates, "series the same:", before.Series == after.Series, err)
	}
	// Output:
	// updates the same: false series the same: false <nil>
	// updates the same: true series the same: true <nil>
}
