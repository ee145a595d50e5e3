package record_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/history/record"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// The sheet that is filed is made of the journal alone, and says of each arrival by what it
// is known, so that nobody has to ask the team again.
func ExampleGather() {
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	settings := incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	}
	entries := func(yield func(journal.Entry, error) bool) { // as a journal's reader yields them
		call, err := journal.NewRecord(journal.KindAct, "a1", at, incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at, Opening: &incident.Opening{Number: "20261124-001", Category: "fire", ReceivedAt: at}})
		order, err2 := journal.NewRecord(journal.KindAct, "a2", at.Add(time.Minute), incident.Act{ID: "a2", Kind: incident.ActDispatch, Incident: "i1", At: at.Add(time.Minute), Units: []string{"damkar-1"}})
		key, err3 := journal.NewRecord(journal.KindReport, "r1", at.Add(9*time.Minute), devices.Report{ID: "r1", Device: "fleetsync:102-1001", Kind: devices.KindStatus, Status: devices.StatusOnScene, ReceivedAt: at.Add(9 * time.Minute)})
		err = errors.Join(err, err2, err3)
		for i, r := range []journal.Record{call, order, key} {
			if !yield(journal.Entry{Seq: uint64(i + 1), JournaledAt: r.At, Record: r}, err) {
				return
			}
		}
	}
	sources, err := record.FromJournal(ctx, entries, settings, "20261124-001")
	if err != nil {
		fmt.Println(err)
		return
	}
	sources.Frame = func(context.Context, string) (record.Frame, bool, error) { return record.Frame{}, false, nil } // none is kept any longer
	sheet, err := record.Gather(ctx, sources, record.Options{Zone: time.FixedZone("WIB", 7*60*60), Now: at.Add(time.Hour)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range sheet.Arrivals {
		fmt.Println(a.CallSign, a.At.In(sheet.Zone).Format("15:04 MST"), a.By, a.Verdict)
	}
	for _, c := range sheet.Clocks {
		if c.Name == sop.OnSceneUpdate {
			fmt.Println(c.Name, c.State, "left:", c.LeftS(), "s")
		}
	}
	// Output:
	// DAMKAR 1 16:09 WIB key key_only
	// on_scene_update met left: 120 s
}
