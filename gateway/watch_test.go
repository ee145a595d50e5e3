package gateway

import (
	"maps"
	"testing"

	"htgateway/gateway/inbound/intake"
)

func TestWhatALedgerMisses(t *testing.T) {
	t.Parallel()
	got := unaccounted(map[string]intake.Ledger{
		"sound":   {Received: 21, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"lost":    {Received: 22, Stored: 6, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"doubled": {Received: 20, Stored: 7, Duplicates: 5, SetAside: 4, Shed: 3, Pending: 3},
		"quiet":   {},
	})
	if want := map[string]int64{"lost": 1, "doubled": -2}; !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}
