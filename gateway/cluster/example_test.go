package cluster_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"htgateway/gateway/cluster"
)

// A gateway stands by until the one that leads is gone. What listens and sends waits for
// that; how far the sinks were comes from the gateway that led.
func ExampleMember_TakeOver() {
	ctx := context.Background()
	area := newArea(7)
	area.cursors = map[string]uint64{"webhook:county": 5}
	m, err := cluster.Join(ctx, area, cluster.Options{Area: "majalengka", Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Leads(), m.Standby())
	listening := make(chan string)
	go func() {
		_ = m.WhenLeading(ctx, func(context.Context) error { listening <- "listening"; return nil }) // it returns nil
	}()
	area.vacate()
	sinks := &cursors{}
	_, err = m.TakeOver(ctx, cluster.Parts{State: ready{}, Roster: ready{}, Intake: ready{}, Cursors: sinks})
	fmt.Println(<-listening, m.Leads(), sinks.at, err)
	// Output:
	// false standing by; the area's active gateway is g1
	// listening true map[webhook:county:5] <nil>
}
