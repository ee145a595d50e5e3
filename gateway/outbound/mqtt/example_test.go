package mqtt_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// Other systems at the broker find each unit's state as soon as they subscribe, for the
// broker keeps it; what happened to an incident they get once.
func ExamplePublisher() {
	dir, err := os.MkdirTemp("", "publish")
	defer os.RemoveAll(dir)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	updates, err2 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2); err != nil {
		fmt.Println(err)
		return
	}
	defer updates.Close()
	tracker := tracker.New(incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(), Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1"}},
	})
	made := tracker.Apply(incident.Event{Seq: 1, Act: &incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at}}})
	err = errors.Join(updates.SetPublished(ctx, "mqtt:county", incident.Update{}), updates.Append(ctx, made)) // the sink has a place already

	sent := make(chan string, 100)
	p := mqtt.New(mqtt.Options{Sink: "mqtt:county", Link: "county", Now: time.Now, Log: slog.New(slog.DiscardHandler), Send: func(_ context.Context, topic string, _ []byte, retain bool) error {
		sent <- fmt.Sprint(topic, " kept: ", retain)
		return nil
	}}, updates, tracker)
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	var got []string
	for range 1 + len(made) {
		got = append(got, <-sent)
	}
	slices.Sort(got)
	for _, line := range slices.Compact(got) {
		fmt.Println(line)
	}
	end()
	fmt.Println(<-ended, err)
	// Output:
	// htgateway/incidents/i1/updates kept: false
	// htgateway/units/damkar-1/state kept: true
	// <nil> <nil>
}
