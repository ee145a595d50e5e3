package kenwood_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol/kenwood"
)

// Bytes arrive in any pieces; each whole frame comes out once.
func ExampleDecoder_Feed() {
	d := kenwood.NewDecoder()
	for _, piece := range []string{"\x02I11001", "0011001001\x03$PKLID,00,100,", "1001,13,00,*69\r\n"} {
		for _, f := range d.Feed([]byte(piece), time.Time{}) {
			fmt.Println(f.Report.Kind, f.Report.Device, f.Report.StatusCode, f.Err)
		}
	}
	// Output:
	// id fleetsync:100-1001  <nil>
	// status fleetsync:100-1001 13 <nil>
}
