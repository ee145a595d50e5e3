package tcpport_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"htgateway/devices/protocol/aprs"
	"htgateway/devices/transport/reconnect"
	"htgateway/devices/transport/tcpport"
)

// hill reads what the TNC there says.
type hill struct {
	decoder aprs.Decoder
	heard   chan string
}

func (h *hill) Bytes(p []byte, at time.Time) {
	for _, f := range h.decoder.Feed(p, at) {
		h.heard <- fmt.Sprint(f.Report.Kind, " ", f.Report.Device, " ", f.Err)
	}
}

func (h *hill) Quiet(at time.Time) { h.decoder.Flush(at) }

// A TNC on a hill is heard over the network as one on a cable is: what comes in pieces
// is whole again before it is read.
func Example() {
	tnc, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tnc.Close()
	h, states := &hill{heard: make(chan string, 10)}, make(chan reconnect.State, 10)
	port := tcpport.New(tcpport.Settings{ID: "hill", Address: tnc.Addr().String()}, h, time.Now, slog.New(slog.DiscardHandler),
		func(s reconnect.State) { states <- s })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- port.Run(ctx) }()

	conn, err := tnc.Accept()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println((<-states).Name)
	for _, piece := range []string{"YB1ZZZ-9>APRS,WIDE1-1:!0650", ".18S/10813.64E>tes\r\n"} {
		if _, err := conn.Write([]byte(piece)); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(<-h.heard)
	cancel()
	fmt.Println("ended", <-ended, conn.Close())
	// Output:
	// up
	// position aprs:YB1ZZZ-9 <nil>
	// ended <nil> <nil>
}
