package fold

import (
	"fmt"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// TestDeliveriesKeepTheLastStepOfTheNewest: each message once, with its text and its
// last step, and no more than are kept of a unit; taking all again changes nothing.
func TestDeliveriesKeepTheLastStepOfTheNewest(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	var updates []incident.Update
	step := func(message, unit, state, text string) {
		d := &journal.Delivery{Message: message, Unit: unit, Device: "fleetsync:102-1001", At: start.Add(time.Duration(len(updates)) * time.Second), State: state, Text: text}
		updates = append(updates, incident.Update{Kind: incident.UpdateDelivery, Unit: unit, Delivery: d})
	}
	for n := range deliveriesKept + 5 {
		step(fmt.Sprintf("m%02d", n), "damkar-1", journal.DeliverySent, "kembali ke pos")
	}
	step("m24", "damkar-1", journal.DeliveryDelivered, "")
	step("m24", "psc-1", journal.DeliveryFailed, "kembali ke pos") // the same act, to another unit
	updates = append(updates, incident.Update{Kind: incident.UpdateNote})
	f := &Fold{state: state{sent: deliveries{}}}
	for range 2 {
		f.sent.note(updates)
		all := f.Deliveries()
		if len(all) != deliveriesKept+1 || all[0].Unit != "psc-1" || all[0].State != journal.DeliveryFailed {
			t.Fatalf("%d kept, the newest is %+v", len(all), all[0])
		}
		if d := all[1]; d.Message != "m24" || d.State != journal.DeliveryDelivered || d.Text != "kembali ke pos" {
			t.Errorf("the last step is %+v", d)
		}
		if d := all[len(all)-1]; d.Message != "m05" {
			t.Errorf("the oldest that is kept is %+v", d)
		}
	}
}
