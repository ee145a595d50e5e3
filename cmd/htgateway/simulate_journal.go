package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/simulation/year"
)

// journaledAtOnce is how many entries of a year are stored with one sync.
const journaledAtOnce = 8192

// writeJournal makes the journal of a year, and what a gateway needs to run on it.
func (f fastYear) writeJournal(ctx context.Context, folder datadir.Folder, made *year.Year, stdout, stderr io.Writer, log *slog.Logger) (err error) {
	if _, err := os.Lstat(folder.Journal()); err == nil {
		return fmt.Errorf("%s is there already", folder.Journal())
	}
	if err := f.writeSite(folder, made.Roster()); err != nil {
		return err
	}
	j, err := sqlite.Open(ctx, folder.Journal(), sqlite.Options{
		Now: time.Now, Log: log, JournaledAt: func(r journal.Record) time.Time { return r.At.Add(journalingTakes) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	began, entries := time.Now(), 0
	bar := newProgress(stderr, "weeks", 52)
	defer bar.end()
	var later []incident.Event // than the week that they were made in
	week := int64(0)
	write := func(events []incident.Event) error {
		for part := range slices.Chunk(events, journaledAtOnce) {
			n, err := appendEvents(ctx, j, part)
			if err != nil {
				return err
			}
			entries += n
		}
		return nil
	}
	for events := range made.Weeks() {
		week++
		end := f.from.AddDate(0, 0, 7*int(week))
		events = append(later, events...)
		slices.SortStableFunc(events, func(a, b incident.Event) int { return takenAt(a).Compare(takenAt(b)) })
		n, _ := slices.BinarySearchFunc(events, end, func(e incident.Event, end time.Time) int { return cmp.Or(takenAt(e).Compare(end), 1) })
		later = slices.Clone(events[n:])
		if err := write(events[:n]); err != nil {
			return err
		}
		bar.to(week)
	}
	if err := write(later); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d entries of %d incidents and %d fixes in %s in %s\n\nhtgateway run --config %s\n",
		entries, f.incidents, f.fixes, time.Since(began).Round(time.Second), folder.Journal(), folder.Configuration())
	return nil
}

// journalingTakes is how long after its reception an entry of the year is on the disk.
const journalingTakes = 2 * time.Millisecond

// takenAt is when the gateway takes an event.
func takenAt(e incident.Event) time.Time {
	if e.Act != nil {
		return e.Act.At
	}
	return e.Report.ReceivedAt
}

func appendEvents(ctx context.Context, j *sqlite.Journal, events []incident.Event) (int, error) {
	records := make([]journal.Record, 0, len(events))
	for _, e := range events {
		kind, body := journal.KindReport, any(e.Report)
		if e.Act != nil {
			kind, body = journal.KindAct, e.Act
		}
		r, err := journal.NewRecord(kind, e.ID, takenAt(e), body)
		if err != nil {
			return 0, err
		}
		records = append(records, r)
	}
	results, err := j.Append(ctx, records...)
	for _, r := range results {
		if r.Duplicate {
			return 0, fmt.Errorf("two entries of the year have one id, that of entry %d", r.Seq)
		}
	}
	return len(results), err
}

// writeSite writes the configuration and the units of a year.
func (f fastYear) writeSite(folder datadir.Folder, roster []incident.Unit) error {
	var units []map[string]any
	for _, u := range roster {
		units = append(units, map[string]any{"id": u.ID, "call_sign": u.CallSign, "agency": u.Agency, "devices": u.Devices})
	}
	for path, content := range map[string]any{
		string(folder) + "/units.yaml": map[string]any{"units": units},
		folder.Configuration(): map[string]any{
			"county": "Kabupaten Majalengka (simulasi)", "data": map[string]any{"dir": "."}, "units_file": "units.yaml", "http": map[string]any{"listen": f.http},
			"mqtt": map[string]any{"embedded": map[string]any{"enabled": false}},
		},
	} {
		text, err := yaml.Marshal(content)
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("cannot write the simulated site: %w", err)
		}
	}
	return nil
}
