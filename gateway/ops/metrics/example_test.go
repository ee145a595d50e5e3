package metrics_test

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/metrics"
	"htgateway/gateway/status"
)

// quiet is a gateway with one radio, of which two frames came.
type quiet struct{}

func (quiet) Status() []status.Status {
	roof := status.Status{ID: "roof", Kind: "serial", Protocol: "kenwood", State: status.Up}
	return []status.Status{roof.WithLedger(status.Ledger{Received: 2, Stored: 1, SetAside: 1})}
}
func (quiet) Stats() journal.Stats                     { return journal.Stats{Entries: 2} }
func (quiet) Trouble() error                           { return nil }
func (quiet) UnknownDevices() []incident.UnknownDevice { return nil }
func (quiet) OpenAlarms() []journal.Alarm              { return nil }
func (quiet) Last() uint64                             { return 1 }
func (quiet) Stored() uint64                           { return 1 }
func (quiet) Devices() []intake.DeviceLedger           { return nil }
func (quiet) Remembered() []intake.Remembered          { return nil }

// Prometheus asks, and what each link says of itself becomes a counter with the link's name.
func ExampleNewCollector() {
	var q quiet
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.NewCollector(metrics.Sources{
		Parts: status.NewAudit([]status.Reporter{q}, slog.New(slog.DiscardHandler)), Journal: q, Tracker: q, Updates: q, Series: q, Devices: q,
		Units: func() []incident.Unit { return nil }, Accounts: func() []mqttbroker.Account { return nil },
	}))
	families, err := registry.Gather()
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if len(m.GetLabel()) > 0 && strings.HasSuffix(f.GetName(), "_total") {
				fmt.Println(f.GetName(), m.GetLabel()[0].GetValue(), m.GetCounter().GetValue())
			}
		}
	}
	fmt.Println(err)
	// Output:
	// htgateway_duplicates_total roof 0
	// htgateway_received_total roof 2
	// htgateway_set_aside_total roof 1
	// htgateway_shed_total roof 0
	// htgateway_stored_total roof 1
	// <nil>
}
