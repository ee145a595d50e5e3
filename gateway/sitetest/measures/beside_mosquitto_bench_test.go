package measures

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang/packets"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/gateway/sitetest"
)

// BenchmarkMQTTBesideMosquitto sends the same QoS 1 stream, by the same generator, to
// Mosquitto alone (which syncs nothing to disk) and to the gateway, which acknowledges
// what its journal has synced, in turns. A client has a bounded number of messages
// unacknowledged: twenty as Mosquitto's own clients do, where each acknowledgement of
// one client alone waits for a sync of the disk, or a hundred (paho's have up to
// 65,535). It reports the medians of both rates and of their ratio. CONNECTs are not
// timed, and what the series lets wait is done before Mosquitto's next turn.
func BenchmarkMQTTBesideMosquitto(b *testing.B) {
	for _, c := range []struct{ clients, window int }{{1, 20}, {1, 100}, {20, 100}, {500, 100}} {
		b.Run(fmt.Sprintf("clients=%d/window=%d", c.clients, c.window), func(b *testing.B) {
			clients := c.clients
			names := sitetest.DeviceNames(clients)
			broker := mosquittotest.StartWith(b, mosquittotest.Options{Users: names, Volatile: true})
			s := sitetest.New(b, names...)
			s.ReplaceConfig(`users_file: users}}`, `users_file: users, device_rate: 1000000, device_burst: 1000000}}`)
			s.Start()
			defer s.Kill()
			const turns = 3
			each := max(b.N/clients/turns, 1)
			var alone, ours, ratio []float64
			b.ResetTimer()
			for turn := range turns {
				alone = append(alone, load(b, broker.Addr, names, each, c.window, turn))
				ours = append(ours, load(b, s.Broker, names, each, c.window, turn))
				awaitSeries(s) // what is still to do is not to be done in Mosquitto's turn
				ratio = append(ratio, ours[len(ours)-1]/alone[len(alone)-1])
			}
			b.StopTimer()
			b.ReportMetric(median(alone), "mosquitto/s")
			b.ReportMetric(median(ours), "gateway/s")
			b.ReportMetric(median(ratio), "ratio")
		})
	}
}

// awaitSeries asks until the series has everything.
func awaitSeries(s *sitetest.Site) {
	s.T.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); s.Metric("htgateway_series_behind_updates") > 0; {
		select {
		case <-tick.C:
		case <-deadline:
			s.T.Fatal("the series does not follow")
		}
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// load sends each client's messages and returns how many a second were acknowledged,
// all together.
func load(b testing.TB, addr string, names []string, each, window, turn int) float64 {
	b.Helper()
	conns := make([]net.Conn, len(names))
	for i, name := range names {
		conns[i] = enter(b, addr, name)
		defer conns[i].Close()
	}
	began := time.Now()
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			if err := pump(conns[i], name, each, window, turn*each); err != nil {
				b.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	return float64(each*len(names)) / time.Since(began).Seconds()
}

// enter connects one client under its name.
func enter(b testing.TB, addr, name string) net.Conn {
	b.Helper()
	return enterAs(b, addr, name, name)
}

// enterAs connects one client as a user, or as nobody.
func enterAs(b testing.TB, addr, client, user string) net.Conn {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	hello := mqtt.NewControlPacket(mqtt.Connect).(*mqtt.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.CleanSession, hello.Keepalive = "MQTT", 4, true, 600
	hello.ClientIdentifier = client
	if user != "" {
		hello.UsernameFlag, hello.Username = true, user
		hello.PasswordFlag, hello.Password = true, []byte(sitetest.PhonePassword)
	}
	if err := hello.Write(c); err != nil {
		b.Fatal(err)
	}
	answer, err := mqtt.ReadPacket(c)
	if err != nil {
		b.Fatal(err)
	}
	if a, ok := answer.(*mqtt.ConnackPacket); !ok || a.ReturnCode != mqtt.Accepted {
		b.Fatalf("%s: %v", client, answer)
	}
	return c
}

// pump publishes so many positions, each later than the one before, and waits for every
// acknowledgement.
func pump(c net.Conn, name string, each, most, from int) error {
	at := time.Now().Add(-6 * time.Hour)
	return publishQoS1(c, each, most, 0, func(n int) (topic string, payload []byte) {
		return "htgateway/devices/" + name + "/report", fmt.Appendf(nil, `{"time":%q,"lat":%.6f,"lon":108.2274,"accuracy_m":8,"speed_mps":9.4,"seq":%d}`,
			at.Add(time.Duration(from+n)*100*time.Millisecond).UTC().Format(time.RFC3339Nano), -6.8364+float64(n%1000)*1e-6, from+n)
	})
}

// publishQoS1 publishes so many messages, at most so many unacknowledged, each so long
// after the one before (0 is as fast as it goes), and waits for every acknowledgement.
func publishQoS1(c net.Conn, total, most int, every time.Duration, message func(n int) (topic string, payload []byte)) error {
	window, failed := make(chan struct{}, most), make(chan error, 1)
	go func() {
		began := time.Now()
		for n := range total {
			time.Sleep(time.Until(began.Add(time.Duration(n) * every)))
			window <- struct{}{}
			p := mqtt.NewControlPacket(mqtt.Publish).(*mqtt.PublishPacket)
			p.Qos, p.MessageID = 1, uint16(n%65535)+1
			p.TopicName, p.Payload = message(n)
			if err := p.Write(c); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	for range total {
		cp, err := mqtt.ReadPacket(c)
		if err != nil {
			return err
		}
		if _, ok := cp.(*mqtt.PubackPacket); !ok {
			return fmt.Errorf("%v instead of an acknowledgement", cp)
		}
		<-window
	}
	return <-failed
}
