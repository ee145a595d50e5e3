package cot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/outbound/cot"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// A team with ATAK sees the unit where its radio said that it was, with the time of the
// fix, so that an old place goes stale there too.
func Example() {
	dir, err := os.MkdirTemp("", "cot")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	tracker := tracker.New(incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{"fleetsync:102-1001"}}},
	})
	tracker.Apply(incident.Event{Report: &devices.Report{
		ID: "r1", Device: "fleetsync:102-1001", Kind: devices.KindPosition, ReceivedAt: at, DeviceTime: at,
		Fix: &geo.Fix{Point: orb.Point{108.2274, -6.8364}, Time: at, SpeedMPS: geo.Measured(3)},
	}})
	updates, err2 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	team, err3 := net.ListenPacket("udp", "127.0.0.1:0")
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	defer updates.Close()
	defer team.Close()

	sink := cot.New(updates, tracker, cot.Settings{
		Outputs: []cot.Output{{Network: "udp", Address: team.LocalAddr().String()}}, Stale: 2 * time.Minute, UnitType: "a-f-G-U-C",
		Now: func() time.Time { return at.Add(30 * time.Second) }, Speed: 1, Log: slog.New(slog.DiscardHandler),
	})
	ended := make(chan error)
	go func() { ended <- sink.Run(ctx) }()
	event := make([]byte, 64<<10)
	n, _, err := team.ReadFrom(event)
	for element := range strings.SplitAfterSeq(string(event[:n]), ">") {
		if strings.HasPrefix(element, "<point ") || strings.HasPrefix(element, "<contact ") || strings.Contains(element, "<event ") {
			fmt.Println(strings.TrimSpace(element))
		}
	}
	end()
	fmt.Println(<-ended, err)
	// Output:
	// <event version="2.0" uid="htgateway.unit.damkar-1" type="a-f-G-U-C" how="m-g" time="2026-11-24T09:14:00.000Z" start="2026-11-24T09:14:00.000Z" stale="2026-11-24T09:16:00.000Z">
	// <point lat="-6.836400" lon="108.227400" hae="9999999.0" ce="9999999.0" le="9999999.0">
	// <contact callsign="DAMKAR 1">
	// <nil> <nil>
}
