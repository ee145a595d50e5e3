package link_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// A port delivers bytes as they come, a frame in pieces and noise between; what the radio
// said is journaled all the same, and the noise is kept with the reason.
func ExampleFramer() {
	dir, err := os.MkdirTemp("", "link")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	now, quiet := func() time.Time { return at }, slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: now, Log: quiet})
	if err != nil {
		fmt.Println(err)
		end()
		return
	}
	defer j.Close()
	roof := link.NewFramer("roof", link.NewDecoder(devices.Kenwood), intake.New(j, intake.Options{Codebook: devices.DefaultCodebook(), Now: now, Log: quiet}), quiet)
	roof.Bytes([]byte("\x02I1100100"), at)
	roof.Bytes([]byte("11001001\x03\x02I1?\x03"), at.Add(20*time.Millisecond))
	roof.Quiet(at.Add(time.Second))
	end() // the gateway is stopped: what waits is journaled before it ends
	fmt.Println(roof.Run(ctx))

	entries, err := j.Read(context.Background(), 0, 10)
	for _, e := range entries {
		report, wrong := journal.Decode[devices.Report](e)
		refused, wrong2 := journal.Decode[journal.Unparsed](e)
		fmt.Println(e.Kind, report.Device, refused.Reason, errors.Join(wrong, wrong2))
	}
	fmt.Println(err)
	// Output:
	// <nil>
	// report fleetsync:100-1001  <nil>
	// unparsed  kenwood: frame does not follow the protocol: caller id "1?" <nil>
	// <nil>
}
