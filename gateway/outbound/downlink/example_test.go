package downlink_test

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
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/outbound/downlink"
)

// radio is what stands on the roof: what it is written goes on the air.
type radio chan []byte

func (r radio) Write(_ context.Context, b []byte) error {
	r <- b
	return nil
}

// A dispatcher's text goes out because the journal asks for it, and that it was sent is
// journaled again, so that the desk can see it and no restart forgets it.
func ExampleDownlink() {
	dir, err := os.MkdirTemp("", "downlink")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	now, quiet := func() time.Time { return at }, slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: now, Log: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	kenwood, err := downlink.For(devices.Kenwood, "", nil)
	roof := make(radio, 10)
	d := downlink.New(j, downlink.Options{
		Roster: []incident.Unit{{ID: "damkar-1", Devices: []devices.Identity{"fleetsync:102-1001"}}},
		Radios: []downlink.Radio{{Link: "roof", Dialect: kenwood, Writer: roof}}, Now: now, Log: quiet,
	})
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	text, err2 := journal.NewRecord(journal.KindAct, "a1", at, incident.Act{ID: "a1", Kind: incident.ActMessage, By: "siti", At: at, Units: []string{"damkar-1"}, Text: "MOHON UPDATE", Expires: at.Add(10 * time.Minute)})
	_, err3 := j.Append(ctx, text)
	fmt.Printf("%q %v\n", <-roof, errors.Join(err, err2, err3))

	sent := errors.New("sent")
	err = j.Follow(ctx, 1, func(entries []journal.Entry) error {
		for _, e := range entries {
			step, _ := journal.Decode[journal.Delivery](e)
			fmt.Println(e.Kind, step.Unit, step.Device, step.State)
			if step.State == journal.DeliverySent {
				return sent
			}
		}
		return nil
	})
	end()
	fmt.Println(errors.Is(err, sent), <-ended)
	// Output:
	// "\x02F1021001MOHON UPDATE\x03" <nil>
	// delivery damkar-1 fleetsync:102-1001 sent
	// true <nil>
}
