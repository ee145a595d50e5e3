package status_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"htgateway/gateway/status"
)

// site is links with their ledgers, and a store that has none.
type site map[string]status.Ledger

func (s site) Status() []status.Status {
	out := []status.Status{{ID: "series", State: status.Up}}
	for id, l := range s {
		out = append(out, status.Status{ID: id, State: status.Up}.WithLedger(l))
	}
	return out
}

func TestAudit(t *testing.T) {
	t.Parallel()
	ledgers := site{
		"sound":   {Received: 21, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"lost":    {Received: 22, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"doubled": {Received: 20, Stored: 7, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"quiet":   {},
	}
	var log bytes.Buffer
	a := status.NewAudit([]status.Reporter{ledgers}, slog.New(slog.NewTextHandler(&log, nil)))
	a.Check()
	for link, want := range map[string]int64{"sound": 0, "lost": 1, "doubled": -2, "quiet": 0, "no such link": 0} {
		if got := a.Missing(link); got != want {
			t.Errorf("%s misses %d, not %d", link, got, want)
		}
	}
	if said := log.String(); strings.Count(said, "does not balance") != 2 || !strings.Contains(said, "link=lost missing=1") {
		t.Errorf("the log says %q", said)
	}
	for _, s := range a.Status() {
		if odd := s.ID == "lost" || s.ID == "doubled"; odd != strings.Contains(s.Why, "not accounted for") {
			t.Errorf("%s says %q", s.ID, s.Why)
		}
	}
	ledgers["lost"] = status.Ledger{Received: 22, Stored: 7, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3}
	if a.Check(); a.Missing("lost") != 0 || a.Missing("doubled") != -2 {
		t.Error("the newest check does not count")
	}
}
