package tetra_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol/tetra"
)

// Bytes arrive in any pieces, and other lines come between a header and its user
// data; each whole frame comes out once.
func ExampleDecoder_Feed() {
	d := tetra.NewDecoder()
	for _, piece := range []string{"+CTSDSR: 13,1234567,0,2345", "678,0,16\r\nOK\r\n80", "04\r\n"} {
		for _, f := range d.Feed([]byte(piece), time.Time{}) {
			fmt.Println(f.Report.Kind, f.Report.Device, f.Report.StatusCode+f.Report.Text, f.Err)
		}
	}
	// Output:
	// ack  OK <nil>
	// status tetra:1234567 32772 <nil>
}

// The command goes out first, the user data when the radio prompts.
func ExampleEncodeText() {
	cmd, pdu, err := tetra.EncodeText("1234567", 1, "TIBA")
	fmt.Printf("%q %q %v\n", cmd, pdu, err)
	// Output:
	// "AT+CMGS=1234567,64\r\n" "820E010154494241\x1a" <nil>
}
