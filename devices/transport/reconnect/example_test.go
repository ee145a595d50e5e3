package reconnect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"htgateway/devices/transport/reconnect"
)

// A TNC that restarts takes its line with it. The line comes back by itself, and
// whoever looks at it meanwhile reads why it is down.
func Example() {
	tnc, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tnc.Close()
	ctx, cancel := context.WithCancel(context.Background())
	line := reconnect.NewLine("opening", "", time.Now, func(s reconnect.State) { fmt.Printf("%s %q\n", s.Name, s.Why) })
	go func() { // it answers once, restarts, and answers again
		for range 2 {
			if conn, err := tnc.Accept(); err == nil {
				_ = conn.Close()
			}
		}
	}()
	times := 0
	reconnect.Keep(ctx, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", tnc.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		line.Turn("up", "")
		if times++; times == 2 {
			cancel()
			return nil
		}
		_, err = io.Copy(io.Discard, conn)
		return errors.Join(err, errors.New("the TNC closed the connection"))
	}, func(err error) { line.Turn("down", err.Error()) })
	// Output:
	// up ""
	// down "the TNC closed the connection"
	// up ""
}
