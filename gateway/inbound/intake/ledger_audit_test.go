package intake_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"htgateway/gateway/inbound/intake"
)

func TestLedgerAudit(t *testing.T) {
	t.Parallel()
	ledgers := map[string]intake.Ledger{
		"sound":   {Received: 21, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"lost":    {Received: 22, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"doubled": {Received: 20, Stored: 7, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"quiet":   {},
	}
	var log bytes.Buffer
	a := intake.NewLedgerAudit(func() map[string]intake.Ledger { return ledgers }, slog.New(slog.NewTextHandler(&log, nil)))
	a.Check()
	for link, want := range map[string]int64{"sound": 0, "lost": 1, "doubled": -2, "quiet": 0, "no such link": 0} {
		if got := a.Missing(link); got != want {
			t.Errorf("%s misses %d, not %d", link, got, want)
		}
	}
	if said := log.String(); strings.Count(said, "does not balance") != 2 || !strings.Contains(said, "link=lost missing=1") {
		t.Errorf("the log says %q", said)
	}
	ledgers["lost"] = intake.Ledger{Received: 22, Stored: 7, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3}
	if a.Check(); a.Missing("lost") != 0 || a.Missing("doubled") != -2 {
		t.Error("the newest check does not count")
	}
}
