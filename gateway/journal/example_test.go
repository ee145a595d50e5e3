package journal_test

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// A record's id is its own whatever way it came, so that what is heard twice is
// journalled once.
func ExampleNewRecord() {
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	r, err := journal.NewRecord(journal.KindReport, journal.Digest("fleetsync:100-1001", "13")[:8], at, devices.Report{Device: "fleetsync:100-1001", StatusCode: "13"})
	back, _ := journal.Decode[devices.Report](journal.Entry{Record: r})
	fmt.Println(r.Kind, back.Device, back.StatusCode, err)
	// Output: report fleetsync:100-1001 13 <nil>
}
