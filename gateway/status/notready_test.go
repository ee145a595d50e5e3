package status_test

import (
	"log/slog"
	"testing"

	"htgateway/gateway/status"
)

// part says of itself what it is made with.
type part []status.Status

func (p part) Status() []status.Status { return p }

// TestNotReady: the gateway is ready when all parts are, and a part without a name is in no
// list.
func TestNotReady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parts []status.Reporter
		want  string
		names int
	}{
		{[]status.Reporter{part{{ID: "roof"}}, part{{}}}, "", 1},
		{[]status.Reporter{part{{ID: "roof"}}, part{{NotReady: "still reading"}}}, "still reading", 1},
		{[]status.Reporter{part{{ID: "roof"}, {ID: "journal", NotReady: "disk full"}}, part{{NotReady: "still reading"}}}, "disk full", 2},
	} {
		a := status.NewAudit(c.parts, slog.New(slog.DiscardHandler))
		if got := a.NotReady(); got != c.want || len(a.Status()) != c.names {
			t.Errorf("not ready as %q, %d names; want %q and %d", got, len(a.Status()), c.want, c.names)
		}
	}
}
