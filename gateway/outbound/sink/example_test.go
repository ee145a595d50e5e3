package sink_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"htgateway/gateway/outbound/sink"
	"htgateway/gateway/status"
)

// neighbour is a sink whose first attempt fails.
type neighbour struct {
	attempts int
	end      context.CancelFunc
}

func (n *neighbour) Status() []status.Status { return nil }

func (n *neighbour) Run(context.Context) error {
	if n.attempts++; n.attempts == 1 {
		return errors.New("the disk takes no cursor")
	}
	n.end()
	return nil
}

// A sink that failed begins again; nothing else of the gateway ends for it.
func ExampleRun() {
	ctx, end := context.WithCancel(context.Background())
	n := &neighbour{end: end}
	sink.Run(ctx, n, slog.New(slog.DiscardHandler))
	fmt.Println(n.attempts, "attempts")
	// Output: 2 attempts
}
