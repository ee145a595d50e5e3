package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// outcome is what the journal holds after a replay.
type outcome struct {
	reports, refused, emergencies int
	devices                       map[devices.Identity]int
	statuses                      map[devices.Status]int
}

// readOutcome reads the journal of a gateway that has ended.
func readOutcome(ctx context.Context, c config.Config) (o outcome, err error) {
	j, err := sqlite.Open(ctx, datadir.Of(c).Journal(), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return outcome{}, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	o = outcome{devices: map[devices.Identity]int{}, statuses: map[devices.Status]int{}}
	for e, err := range journal.All(ctx, j, 0) {
		if err != nil {
			return o, err
		}
		if err := o.add(e); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (o *outcome) add(e journal.Entry) error {
	switch e.Kind {
	case journal.KindUnparsed:
		o.refused++
	case journal.KindReport:
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			return fmt.Errorf("cannot read entry %d of the journal: %w", e.Seq, err)
		}
		o.reports++
		if r.Device != "" {
			o.devices[r.Device]++
		}
		if r.Status != "" {
			o.statuses[r.Status]++
		}
		if r.Emergency {
			o.emergencies++
		}
	}
	return nil
}

// print shows the summary. Frames that are neither reports nor refused were heard
// before, or were more garbage than the journal keeps.
func (o *outcome) print(w io.Writer, f fed, roster []incident.Unit) {
	fmt.Fprintf(w, "\n%v, %d bytes, %d frames: %d reports, %d refused, %d heard before or shed\n",
		f.lasted.Round(time.Millisecond), f.bytes, f.frames, o.reports, o.refused, max(0, int(f.frames)-o.reports-o.refused))
	owner := map[devices.Identity]string{}
	for _, u := range roster {
		for _, d := range u.Devices {
			owner[d] = u.CallSign
		}
	}
	fmt.Fprintf(w, "\nUnits\n")
	for _, d := range slices.SortedFunc(maps.Keys(o.devices), func(a, b devices.Identity) int {
		return cmp.Or(cmp.Compare(owner[a], owner[b]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(w, "  %-16s %-20s %d\n", cmp.Or(owner[d], "(no unit)"), printable(string(d)), o.devices[d])
	}
	fmt.Fprintf(w, "Statuses\n")
	for _, s := range devices.Statuses() {
		if n := o.statuses[s]; n > 0 {
			fmt.Fprintf(w, "  %-16s %d\n", s, n)
		}
	}
	if o.emergencies > 0 {
		fmt.Fprintf(w, "Emergencies: %d\n", o.emergencies)
	}
}
