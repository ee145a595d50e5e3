package serialport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/creack/pty"

	"htgateway/devices/protocol/kenwood"
	"htgateway/devices/transport/serialport"
)

// station reads what its base station says.
type station struct {
	decoder *kenwood.Decoder
	heard   chan string
}

func (s station) Bytes(p []byte, at time.Time) {
	for _, f := range s.decoder.Feed(p, at) {
		s.heard <- fmt.Sprint(f.Report.Kind, " ", f.Report.Device, " ", f.Report.StatusCode)
	}
}

func (s station) Quiet(at time.Time) { s.decoder.Flush(at) }

// A base station on a cable is heard as soon as it is plugged in, and the dispatcher's
// answer goes out on the same cable.
func Example() {
	radio, line, err := pty.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer radio.Close()
	defer line.Close()
	up := make(chan string, 10)
	s := station{decoder: kenwood.NewDecoder(), heard: make(chan string, 10)}
	port := serialport.New(serialport.Settings{ID: "roof", Device: line.Name(), Baud: 9600}, s, time.Now, slog.New(slog.DiscardHandler),
		func(s serialport.State) { up <- s.Name })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- port.Run(ctx) }()

	fmt.Println(<-up)
	_, err = radio.WriteString("$PKLID,00,100,1001,13,00,*69\r\n")
	fmt.Println(<-s.heard, err)
	err = port.Write(ctx, []byte("\x02to the radio\x03"))
	answer := make([]byte, 14)
	_, readErr := io.ReadFull(radio, answer)
	fmt.Printf("%q %v\n", answer, errors.Join(err, readErr))
	cancel()
	fmt.Println("ended", <-ended)
	// Output:
	// up
	// status fleetsync:100-1001 13 <nil>
	// "\x02to the radio\x03" <nil>
	// ended <nil>
}
