package mqttbroker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/devices/transport/mqttbroker"
)

// printer stands where the journal is.
type printer struct{}

func (printer) Take(_ context.Context, messages ...devices.Message) error {
	for _, m := range messages {
		fmt.Println(m.Account, m.Topic, string(m.Payload))
	}
	return nil
}

// A phone needs no server but the gateway. What was acknowledged to it is on the disk,
// under the name that it proved with a password.
func Example() {
	users := map[string]account.User{"andi": {Name: "andi", Hash: password.Hash([]byte("rahasia")), Role: account.Device}}
	broker, err := mqttbroker.New(mqttbroker.Options{
		Listen: "127.0.0.1:0", Users: users, Inbound: func(string) bool { return true },
		Limits: mqttbroker.Limits{Connections: 10, DeviceConnections: 2, PerSecond: 10, Burst: 100},
		Urgent: func(devices.Message) bool { return false },
		Now:    time.Now, Log: slog.New(slog.DiscardHandler),
	}, printer{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- broker.Serve(ctx) }()

	phone := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + broker.Addr()).SetUsername("andi").SetPassword("rahasia"))
	connect := phone.Connect()
	connect.Wait()
	publish := phone.Publish("owntracks/andi/phone", 1, false, `{"_type":"location","lat":-6.8364,"lon":108.2274}`)
	publish.Wait()
	fmt.Println("acknowledged", broker.Stats().Accepted, errors.Join(connect.Error(), publish.Error()))
	phone.Disconnect(0)
	cancel()
	fmt.Println("ended", <-ended)
	// Output:
	// andi owntracks/andi/phone {"_type":"location","lat":-6.8364,"lon":108.2274}
	// acknowledged 1 <nil>
	// ended <nil>
}
