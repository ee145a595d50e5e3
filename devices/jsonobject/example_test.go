package jsonobject_test

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices/jsonobject"
	"htgateway/geo"
)

// What a radio did not send is left out, so that a unit that stands still differs
// from one whose radio knows no speed.
func Example() {
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	for _, speed := range []geo.Reading{geo.Measured(0), {}} {
		o := jsonobject.Begin(nil)
		o.Text("device", "fleetsync:100-1001")
		o.Time("received_at", at)
		o.AnyFix("fix", &geo.Fix{Point: orb.Point{108.2274, -6.8364}, SpeedMPS: speed})
		o.AnyText("text", "")
		line, err := o.End()
		fmt.Println(string(line), err)
	}
	// Output:
	// {"device":"fleetsync:100-1001","received_at":"2026-11-24T09:14:00Z","fix":{"point":[108.2274,-6.8364],"speed_mps":0}} <nil>
	// {"device":"fleetsync:100-1001","received_at":"2026-11-24T09:14:00Z","fix":{"point":[108.2274,-6.8364]}} <nil>
}
