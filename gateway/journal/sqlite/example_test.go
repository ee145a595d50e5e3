package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// Once Append has returned, a report outlives whatever happens to the gateway, and a link
// that delivers it again after the restart stores it no second time.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	key, err := journal.NewRecord(journal.KindReport, "r1", at, devices.Report{ID: "r1", Device: "fleetsync:102-1001", StatusCode: "13"})
	for range 2 { // the second time as after a restart
		j, opening := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err = errors.Join(err, opening); err != nil {
			fmt.Println(err)
			return
		}
		results, err := j.Append(ctx, key)
		fmt.Printf("%+v %v %v\n", results, err, j.Close())
	}
	r, err := sqlite.OpenToRead(ctx, filepath.Join(dir, "journal.db")) // also while a gateway writes
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	for e, err := range r.Entries(ctx) {
		report, _ := journal.Decode[devices.Report](e)
		fmt.Println(e.Seq, e.ID, report.Device, report.StatusCode, err)
	}
	// Output:
	// [{Seq:1 Duplicate:false}] <nil> <nil>
	// [{Seq:1 Duplicate:true}] <nil> <nil>
	// 1 r1 fleetsync:102-1001 13 <nil>
}
