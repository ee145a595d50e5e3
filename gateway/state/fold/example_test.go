package fold_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// What the desk shows is folded from the journal and nothing else: a call, an order and a
// pressed key become the incident's milestones.
func ExampleFold() {
	dir, err := os.MkdirTemp("", "fold")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	quiet := slog.New(slog.DiscardHandler)
	j, err2 := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: quiet})
	updates, err3 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	defer updates.Close()

	f := fold.New(j, updates, incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	}, quiet)
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()

	act := func(a incident.Act) journal.Record {
		r, _ := journal.NewRecord(journal.KindAct, a.ID, a.At, a)
		return r
	}
	key, _ := journal.NewRecord(journal.KindReport, "r1", at, devices.Report{ID: "r1", Device: "fleetsync:102-1001", Kind: devices.KindStatus, Status: devices.StatusOnScene, ReceivedAt: at.Add(14 * time.Minute)})
	results, err := j.Append(ctx,
		act(incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at}}),
		act(incident.Act{ID: "a2", Kind: incident.ActDispatch, Incident: "i1", At: at.Add(time.Minute), Units: []string{"damkar-1"}}), key)
	if err = errors.Join(err, f.Wait(ctx, results[2].Seq)); err != nil {
		fmt.Println(err)
	}
	in, _ := f.Incident("i1")
	for _, m := range in.Milestones {
		fmt.Println(m.At.Format(time.TimeOnly), m.Name, m.Unit, m.Evidence)
	}
	end()
	if err := <-ended; err != nil {
		fmt.Println(err)
	}
	// Output:
	// 09:00:00 received  dispatcher
	// 09:01:00 dispatched damkar-1 dispatcher
	// 09:14:00 on_scene damkar-1 key
}
