package protocol_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol"
)

// Whoever configures a link names the protocol; the rest follows from the catalogue.
func ExampleFind() {
	kenwood, known := protocol.Find("kenwood")
	fmt.Println(known, kenwood.Bauds[0])
	for _, f := range kenwood.Line().Feed([]byte("$PKLID,00,100,1001,13,00,*69\r\n"), time.Time{}) {
		fmt.Println(f.Report.Device, f.Report.StatusCode, f.Err)
	}
	// Output:
	// true 9600
	// fleetsync:100-1001 13 <nil>
}
