package capture_test

import (
	"fmt"
	"os"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/capture"
)

func ExampleWriter() {
	began := time.Date(2026, 11, 24, 2, 25, 11, 0, time.UTC)
	w, err := capture.NewWriter(os.Stdout, capture.Header{Port: "/dev/ttyUSB0", Baud: 9600, Protocol: devices.Kenwood, Started: began})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Write([]byte("\x02I1"), began.Add(1520*time.Millisecond)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"capture":1,"port":"/dev/ttyUSB0","baud":9600,"protocol":"kenwood","started":"2026-11-24T02:25:11Z"}
	// {"t_ms":1520,"hex":"024931"}
}
