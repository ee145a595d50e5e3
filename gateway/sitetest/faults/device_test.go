package faults

import (
	"context"
	"net"
	"slices"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang/packets"

	"htgateway/gateway/sitetest"
)

// How a device of the fault suite behaves on its line.
const (
	deviceInFlight = 8                     // messages unacknowledged at most
	deviceAgain    = 20 * time.Millisecond // until it connects again
	deviceSilence  = 20 * time.Second      // until it gives a connection up
)

// device speaks MQTT 3.1.1 by itself, so that nobody else's client decides what is
// sent again: one session for life, QoS 1, and on every new connection all that was
// not acknowledged comes first, in order and marked as sent before (section 4.4).
type device struct {
	name, addr string
	// next makes the device's n-th message, from 0; more is false when none is left.
	next               func(n int) (payload, text string, more bool)
	sent, acknowledged *sitetest.Ledger

	made int
	open []unacknowledged
}

type unacknowledged struct {
	packet *mqtt.PublishPacket
	text   string
}

// run sends until everything is acknowledged or ctx ends.
func (d *device) run(ctx context.Context) {
	again := time.NewTicker(deviceAgain)
	defer again.Stop()
	for !d.session(ctx) {
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

// session is one connection; it returns true once nothing is left to be sent.
func (d *device) session(ctx context.Context) (done bool) {
	conn, err := (&net.Dialer{Timeout: deviceSilence}).DialContext(ctx, "tcp", d.addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if !d.connect(conn) {
		return false
	}
	for _, u := range d.open {
		u.packet.Dup = true
		if u.packet.Write(conn) != nil {
			return false
		}
	}
	for {
		for len(d.open) < deviceInFlight && d.publish(conn) {
		}
		if len(d.open) == 0 {
			return mqtt.NewControlPacket(mqtt.Disconnect).Write(conn) == nil
		}
		if !d.hear(conn) {
			return false
		}
	}
}

func (d *device) connect(conn net.Conn) bool {
	c := mqtt.NewControlPacket(mqtt.Connect).(*mqtt.ConnectPacket)
	c.ProtocolName, c.ProtocolVersion, c.ClientIdentifier = "MQTT", 4, d.name
	c.UsernameFlag, c.Username, c.PasswordFlag, c.Password = true, d.name, true, []byte(sitetest.PhonePassword)
	if c.Write(conn) != nil || conn.SetReadDeadline(time.Now().Add(deviceSilence)) != nil {
		return false
	}
	answer, err := mqtt.ReadPacket(conn)
	if err != nil {
		return false
	}
	ack, is := answer.(*mqtt.ConnackPacket)
	return is && ack.ReturnCode == mqtt.Accepted
}

// publish sends a new message if there is one. It is open before a byte of it leaves:
// the write may fail after the gateway has all of it.
func (d *device) publish(conn net.Conn) bool {
	payload, text, more := d.next(d.made)
	if !more {
		return false
	}
	p := mqtt.NewControlPacket(mqtt.Publish).(*mqtt.PublishPacket)
	p.Qos, p.TopicName, p.Payload = 1, "htgateway/devices/"+d.name+"/report", []byte(payload)
	p.MessageID = uint16(d.made%65535) + 1
	d.made++
	d.open = append(d.open, unacknowledged{p, text})
	d.sent.Add(text)
	return p.Write(conn) == nil
}

// hear waits for one acknowledgement.
func (d *device) hear(conn net.Conn) bool {
	if conn.SetReadDeadline(time.Now().Add(deviceSilence)) != nil {
		return false
	}
	packet, err := mqtt.ReadPacket(conn)
	if err != nil {
		return false
	}
	if ack, is := packet.(*mqtt.PubackPacket); is {
		i := slices.IndexFunc(d.open, func(u unacknowledged) bool { return u.packet.MessageID == ack.MessageID })
		if i >= 0 {
			d.acknowledged.Add(d.open[i].text)
			d.open = slices.Delete(d.open, i, i+1)
		}
	}
	return true
}
