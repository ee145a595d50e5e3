package edge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/outbound/edge"
)

// What a repeater's gateway heard while the link was away is in the centre's journal as
// soon as the link is there, with the time at which it was received on the mountain.
func ExampleSender() {
	dir, err := os.MkdirTemp("", "edge")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	quiet := slog.New(slog.DiscardHandler)
	site, err2 := sqlite.Open(ctx, filepath.Join(dir, "site.db"), sqlite.Options{Now: time.Now, Log: quiet})
	centre, err3 := sqlite.Open(ctx, filepath.Join(dir, "centre.db"), sqlite.Options{Now: time.Now, Log: quiet})
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer site.Close()
	defer centre.Close()
	at := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	r, _ := journal.NewRecord(journal.KindReport, "r1", at, devices.Report{ID: "r1", Device: "fleetsync:100-1001", Protocol: devices.Kenwood, Kind: devices.KindStatus, StatusCode: "13", Link: "repeater", ReceivedAt: at})
	_, err = site.Append(ctx, r)

	in := intake.New(centre, intake.Options{Codebook: devices.DefaultCodebook(), Now: time.Now, Log: quiet})
	mux := http.NewServeMux()
	taker := link.NewEdges(in, account.NewVerifier(time.Now), time.Now, quiet)
	taker.SetUsers(map[string]account.User{"ciremai": {Name: "ciremai", Hash: password.Hash([]byte("rahasia")), Role: account.Edge}})
	mux.Handle("POST /api/v1/edges/{site}/records", taker)
	office := httptest.NewServer(mux)
	defer office.Close()
	sender := edge.New(site, edge.Settings{Site: "ciremai", Password: "rahasia", Centres: []string{office.URL}, PerSecond: 100, Now: time.Now, Log: quiet})
	ended := make(chan error)
	go func() { ended <- sender.Run(ctx) }()
	arrived := errors.New("arrived")
	err2 = centre.Follow(ctx, 0, func(entries []journal.Entry) error {
		report, _ := journal.Decode[devices.Report](entries[0])
		fmt.Println(report.Device, report.StatusCode, report.ReceivedAt.Equal(at), err)
		return arrived
	})
	end()
	fmt.Println(errors.Is(err2, arrived), <-ended)
	// Output:
	// fleetsync:100-1001 13 true <nil>
	// true <nil>
}
