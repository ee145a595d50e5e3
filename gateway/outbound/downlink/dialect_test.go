package downlink_test

import (
	"testing"

	"htgateway/devices/protocol"
	"htgateway/gateway/outbound/downlink"
)

// TestWhatCanBeSentOverHasADialect: the catalogue and the dialects say the same.
func TestWhatCanBeSentOverHasADialect(t *testing.T) {
	t.Parallel()
	for _, e := range protocol.All() {
		d, err := downlink.For(e.Name, "YB1ZZZ-10", nil)
		if (err == nil) != (e.Sends != "") || (d == nil) != (err != nil) {
			t.Errorf("%s sends by %q: %v, %v", e.Name, e.Sends, d, err)
		}
	}
}
