package mqttbroker_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/mqttbroker"
)

// TestBrokerEndsWhoeverComes: a broker that is to end does so at once, also while devices
// come back as fast as they can, with a connection that has said nothing yet.
func TestBrokerEndsWhoeverComes(t *testing.T) {
	t.Parallel()
	for range 10 {
		b, err := mqttbroker.New(mqttbroker.Options{
			Listen: "127.0.0.1:0", AllowAnonymous: true, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Limits:  mqttbroker.Limits{Connections: 1000, DeviceConnections: 1000, PerSecond: 1e6, Burst: 1e6},
			Inbound: func(string) bool { return true }, Urgent: func(devices.Message) bool { return false },
		}, newShelf())
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Serve(ctx) }()
		silent, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		hello := []byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'x'}
		met := make(chan struct{}, 8)
		for n := range 8 {
			hello := append([]byte{}, hello...)
			hello[14] += byte(n)
			go func() {
				for {
					c, err := net.Dial("tcp", b.Addr())
					if err != nil {
						return // it ended
					}
					_, _ = c.Write(hello)            // what became of it the answer tells
					_, err = c.Read(make([]byte, 4)) // CONNACK
					if err == nil {
						select {
						case met <- struct{}{}:
						default:
						}
						_, _ = c.Read(make([]byte, 4)) // until the broker ends it
					}
					_ = c.Close() // the broker's end of it is what counts
				}
			}()
		}
		for range 8 {
			<-met
		}
		end()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("it waits for a client")
		}
	}
}
