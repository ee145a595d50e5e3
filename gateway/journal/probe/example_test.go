package probe_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/probe"
)

// fullDisk takes nothing until somebody makes room.
type fullDisk struct {
	trouble error
	room    bool
	stats   journal.Stats
	tries   []string
}

func (d *fullDisk) Append(_ context.Context, records ...journal.Record) ([]journal.Result, error) {
	d.tries = append(d.tries, string(records[0].Body))
	if d.room {
		d.trouble = nil
	}
	return nil, d.trouble
}
func (d *fullDisk) Stats() journal.Stats { return d.stats }
func (d *fullDisk) Trouble() error       { return d.trouble }

// A full disk is tried again until it takes something, and the first thing that it takes
// says from when nothing was taken.
func ExampleProbe_Check() {
	ctx, now := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	disk := &fullDisk{}
	p := probe.New(disk, probe.Options{
		Writes: func() bool { return true }, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	check := func(after time.Duration) {
		now = now.Add(after)
		p.Check(ctx)
		s := p.Status()[0]
		fmt.Println(s.State, s.Since.Format(time.TimeOnly), len(disk.tries))
	}
	check(time.Minute)
	disk.trouble = errors.New("no space left on device")
	check(time.Minute)
	disk.room = true
	check(time.Minute) // it is tried, and takes it
	check(time.Minute)
	fmt.Println(disk.tries[1])
	// Output:
	// up 09:00:00 0
	// down 09:02:00 1
	// up 09:00:00 2
	// up 09:04:00 2
	// {"link":"journal","at":"2026-11-24T09:03:00Z","state":"up","why":"took nothing since 2026-11-24T09:02:00Z: no space left on device"}
}
