package status_test

import (
	"fmt"
	"time"

	"htgateway/gateway/status"
)

type webhook struct{ failingSince time.Time }

func (w webhook) Status() []status.Status {
	s := status.Status{ID: "webhook:cad", Kind: "webhook", State: status.Up}
	return []status.Status{s.DownSince(w.failingSince, "connection refused")}
}

// A page of links asks every part and knows none by name.
func ExampleReporter() {
	parts := []status.Reporter{webhook{}, webhook{failingSince: time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)}}
	for _, s := range status.Of(parts) {
		fmt.Println(s.ID, "is", s.State)
	}
	// Output:
	// webhook:cad is up
	// webhook:cad is down
}
