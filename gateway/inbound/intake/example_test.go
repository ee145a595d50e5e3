package intake_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal/sqlite"
)

// One key that two base stations hear is journaled once, as one report with a second
// hearing; otherwise the team would seem to have pressed twice.
func ExampleIntake_Take() {
	dir, err := os.MkdirTemp("", "intake")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, at, quiet := context.Background(), time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC), slog.New(slog.DiscardHandler)
	now := func() time.Time { return at }
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: now, Log: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	in := intake.New(j, intake.Options{Codebook: devices.DefaultCodebook(), Now: now, Log: quiet})
	for _, link := range []string{"mountain", "town"} {
		for _, f := range kenwood.NewDecoder().Feed([]byte("\x02I110010011001001\x03"), at) {
			fmt.Println(link, in.Take(ctx, intake.Heard{Frame: f, Link: link}))
		}
	}
	entries, err := j.Read(ctx, 0, 10)
	for _, e := range entries {
		fmt.Println(e.Seq, e.Kind)
	}
	l := in.Total()
	fmt.Println("received", l.Received, "stored", l.Stored, "duplicates", l.Duplicates, err)
	// Output:
	// mountain <nil>
	// town <nil>
	// 1 report
	// 2 hearing
	// received 2 stored 1 duplicates 1 <nil>
}
