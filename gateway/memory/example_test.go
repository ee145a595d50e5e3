package memory_test

import (
	"context"
	"fmt"
	"log/slog"

	"htgateway/gateway/memory"
)

// A gateway has its collector tuned for as long as it runs.
func ExampleTune() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- memory.Tune(ctx, memory.Options{
			CaughtUp: func() bool { return true },
			Drop:     func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
		})
	}()
	stop()
	fmt.Println(<-ended)
	// Output:
	// <nil>
}
