package mqttclient_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/devices/transport/mqttclient"
	"htgateway/devices/transport/reconnect"
)

// lines stands where the journal is.
type lines chan string

func (l lines) Take(_ context.Context, messages ...devices.Message) error {
	for _, m := range messages {
		l <- fmt.Sprint(m.Topic, " ", string(m.Payload), " retained ", m.Retained)
	}
	return nil
}

// An office that has a broker keeps it: the gateway follows its topics, and hears at
// once what the broker retained while the gateway was away.
func Example() {
	log, journal := slog.New(slog.DiscardHandler), make(lines, 10)
	broker, err := mqttbroker.New(mqttbroker.Options{
		Listen: "127.0.0.1:0", AllowAnonymous: true, Inbound: func(string) bool { return false },
		Limits: mqttbroker.Limits{Connections: 10, DeviceConnections: 10, PerSecond: 10, Burst: 100},
		Now:    time.Now, Log: log,
	}, make(lines))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- broker.Serve(ctx) }()
	if err := broker.Publish("owntracks/andi/phone", []byte("a place"), true); err != nil {
		fmt.Println(err)
	}

	up := make(chan string, 10)
	client := mqttclient.New(mqttclient.Settings{
		ID: "county", Broker: "tcp://" + broker.Addr(), ClientID: "htgateway", Topics: []string{"owntracks/#"},
	}, journal, time.Now, log, func(s reconnect.State) { up <- s.Name })
	go func() { ended <- client.Run(ctx) }()
	fmt.Println(<-up, <-journal)
	cancel()
	fmt.Println("ended", <-ended, <-ended)
	// Output:
	// up owntracks/andi/phone a place retained true
	// ended <nil> <nil>
}
