package report_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
	"htgateway/telemetry/sqlite"
)

// What the office hands in for a month says how its figures were made, so that nobody
// has to take a number on trust.
func ExampleMake() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	series, err := sqlite.Open(ctx, filepath.Join(dir, "series.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer series.Close()
	call := time.Date(2026, 11, 24, 9, 0, 0, 0, geo.WIB())
	u := incident.Update{Incident: "i7", Category: "fire", District: "Kadipaten", ReceivedAt: call}
	opened, arrived := u, u
	opened.Kind, opened.Milestone = incident.UpdateMilestone, &incident.Milestone{Name: incident.Received, At: call, Evidence: incident.ByDispatcher}
	arrived.Kind, arrived.Unit, arrived.Agency = incident.UpdateInterval, "damkar-1", "damkar"
	arrived.Interval = &sop.Interval{Name: sop.Response, Unit: "damkar-1", From: call, To: call.Add(11 * time.Minute), LimitS: 600}
	err = series.Write(ctx, append(telemetry.Points(opened), telemetry.Points(arrived)...))

	from := time.Date(2026, 11, 1, 0, 0, 0, 0, geo.WIB())
	r, makeErr := report.Make(ctx, series, report.Ask{
		Scope:   analysis.Scope{From: from, To: from.AddDate(0, 1, 0)},
		Options: analysis.Options{By: analysis.ByAgency, Zone: geo.WIB()},
	})
	var out strings.Builder
	writeErr := report.Write(&out, "table", r, report.Options{Zone: geo.WIB(), MadeAt: from.AddDate(0, 1, 0)})
	if err := errors.Join(err, makeErr, writeErr); err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(out.String()) {
		fmt.Println(strings.TrimRight(line, " \n"))
	}
	// Output:
	// Waktu tanggap / Response times   2026-11-01 00:00 – 2026-12-01 00:00 WIB
	// 1 kejadian / incidents, 1 belum ditutup / open, 0 duplikat / duplicates, 0 dibatalkan / cancelled
	//
	//   interval          Agency                              n  median    p90  target  within   left out
	//   call_processing   seluruh kejadian / whole incident  *0       –      –       –       –   1 still open
	//   response          damkar                             *1   11:00  11:00   10:00     0 %
	//   total             seluruh kejadian / whole incident  *0       –      –       –       –   1 still open
	//
	// * fewer than 5 values: read with care
	// median: middle value, or the mean of the two in the middle
	// p90: nearest rank: the smallest measured value that at least 90 % of all do not exceed
	// open: an interval that has not ended counts as soon as it is over its limit, as not within and at least as long as it has lasted; so does one whose report never came before its unit was taken off or its incident closed; a median or percentile that this may still raise is marked ≥
	// call_processing: call received → first unit dispatched
	// response: call received → unit on scene
	// total: call received → incident closed
}
