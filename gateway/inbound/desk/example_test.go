package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// A call taker whose network stuttered may send the same call again: the key says that it
// is the same, and there is one incident. Who sends a unit that is not there gets an error.
func ExampleDesk() {
	dir, err := os.MkdirTemp("", "desk")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	now, quiet := func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }, slog.New(slog.DiscardHandler)
	j, err2 := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: now, Log: quiet})
	updates, err3 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	defer updates.Close()
	f := fold.New(j, updates, incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(), Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1"}}}, quiet)
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()

	d := desk.New(j, f, desk.Options{Plan: sop.DefaultPlan(), Now: now, Zone: time.UTC})
	call := desk.Request{Category: "fire", Location: &incident.Location{Lat: -6.8364, Lon: 108.2274}}
	first, err := d.Open(ctx, incident.Actor{By: "siti", Key: "call 17"}, call)
	again, err2 := d.Open(ctx, incident.Actor{By: "siti", Key: "call 17"}, call)
	fmt.Println(first.Number, first.ID == again.ID, err, err2)
	sent, err := d.Dispatch(ctx, incident.Actor{By: "siti"}, first.ID, []string{"damkar-1"})
	fmt.Println(sent.Status, sent.Units, err)
	_, err = d.Dispatch(ctx, incident.Actor{By: "siti"}, first.ID, []string{"damkar-9"})
	fmt.Println(err)
	end()
	fmt.Println(<-ended)
	// Output:
	// 20261124-001 true <nil> <nil>
	// dispatched [damkar-1] <nil>
	// unit "damkar-9" not found
	// <nil>
}
