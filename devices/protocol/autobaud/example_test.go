package autobaud_test

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/autobaud"
	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/protocol/nmea"
)

// Nobody at the base station has to know how the radio is set: at the wrong speed it is
// noise, and at the right one a decoder can read it.
func Example() {
	heard := map[int]string{
		4800: "\x00\x9d\x00\x4c\xe6\x00\x86\x00\xb2\x18\x00\x00\x7e\x98",
		9600: "$PKLSH,0651.3282,S,10800.6354,E,024314,A,178,2630,*3A\r\n",
	}
	for _, baud := range autobaud.Speeds()[:2] {
		trial := autobaud.NewTrial(baud,
			autobaud.Candidate{Protocol: devices.NMEA, Decoder: &nmea.Decoder{}},
			autobaud.Candidate{Protocol: devices.Kenwood, Decoder: kenwood.NewDecoder()})
		trial.Feed([]byte(heard[baud]), time.Time{})
		trial.Flush(time.Time{})
		if _, found := trial.Found(); !found {
			fmt.Println(trial.Failing())
			continue
		}
		fmt.Println(trial.Finding())
	}
	// Output:
	// at 4800: 100 % framing noise: 14 bytes, no good frame of nmea, kenwood
	// 9600 baud, kenwood: 1 good frame of 1, 0 bytes of noise
}
