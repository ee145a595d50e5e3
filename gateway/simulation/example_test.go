package simulation_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/simulation"
)

// A simulated base station is a port like a real one: what the demo's radios say comes out
// of it as bytes, and the gateway's own decoder reads them.
func ExampleStation() {
	station, err := simulation.NewStation(simulation.Bases()[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, end := context.WithCancel(context.Background())
	defer end()
	ended := make(chan error)
	go func() { ended <- station.Run(ctx) }()
	port, err := os.OpenFile(station.Device, os.O_RDWR, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	station.Hear([]byte("\x02I110210011021001\x03"))
	decoder, bytes := kenwood.NewDecoder(), make([]byte, 100)
	for heard := 0; heard == 0; {
		n, err := port.Read(bytes)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, f := range decoder.Feed(bytes[:n], time.Now()) {
			fmt.Println(station.ID, f.Report.Device, f.Report.Kind, f.Err)
			heard++
		}
	}
	end()
	fmt.Println(port.Close(), <-ended)
	// Output:
	// pos-ciremai fleetsync:102-1001 id <nil>
	// <nil> <nil>
}
