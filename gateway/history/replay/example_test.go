package replay_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/history/replay"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/geo"
)

// Whoever asks why nobody called the team sees what the desk saw then: an arrival that was
// put right by hand later stands in the replay only from when it was known.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "replay")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	now := at
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	unit := []string{"damkar-1"}
	for _, a := range []incident.Act{
		{ID: "a1", Kind: incident.ActOpen, At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at}},
		{ID: "a2", Kind: incident.ActDispatch, At: at.Add(2 * time.Minute), Units: unit},
		{ID: "a3", Kind: incident.ActCorrect, At: at.Add(40 * time.Minute), Units: unit, Milestone: incident.OnScene, MilestoneAt: at.Add(11 * time.Minute), Reason: "by telephone"},
	} {
		a.Incident, now = "i1", a.At
		r, _ := journal.NewRecord(journal.KindAct, a.ID, a.At, a)
		if _, err := j.Append(ctx, r); err != nil {
			fmt.Println(err)
		}
	}
	settings := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(), Roster: []incident.Unit{{ID: "damkar-1"}}}
	err = replay.Run(ctx, j, replay.Ask{From: at.Add(time.Minute), To: at.Add(time.Hour), Settings: settings}, func(m replay.Moment) error {
		for _, in := range m.Incidents {
			last := in.Milestones[len(in.Milestones)-1]
			fmt.Println("at", m.At.Format("15:04"), "known:", last.Name, last.At.Format("15:04"))
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// at 09:01 known: received 09:00
	// at 09:02 known: dispatched 09:02
	// at 09:40 known: on_scene 09:11
	// <nil>
}
