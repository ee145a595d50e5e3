package owntracks_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol/owntracks"
)

// A phone that was without network tells later where it was: the fix has the time at
// which it was taken, not the time at which the gateway heard of it.
func ExampleDecoder_Decode() {
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	body := `{"_type":"location","lat":-6.8364,"lon":108.2274,"acc":12,"vel":36,"batt":67,"tid":"AN","tst":1795511220}`
	r, err := owntracks.NewDecoder(nil).Decode("owntracks/andi/phone", []byte(body), at)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Device, r.Fix.Point, r.Fix.AccuracyM.Or(-1), "m", r.Fix.SpeedMPS.Or(-1), "m/s")
	fmt.Println(at.Sub(r.DeviceTime), "ago, battery", r.BatteryPct.Or(-1), "%")
	// Output:
	// owntracks:andi/phone [108.2274 -6.8364] 12 m 10 m/s
	// 7m0s ago, battery 67 %
}
