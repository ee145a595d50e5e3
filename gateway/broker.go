package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"htgateway/devices/account/mqttuser"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/outbound/downlink"
	"htgateway/gateway/outbound/mqtt"
)

// addBroker makes the broker in the process.
func (g *Gateway) addBroker() error {
	e := g.c.MQTT.Embedded
	plain, secure := g.c.MQTT.Addresses()
	var security *tls.Config
	if secure != "" {
		pair, err := tls.LoadX509KeyPair(e.TLSCert, e.TLSKey)
		if err != nil {
			return fmt.Errorf("cannot read the broker's certificate: %w", err)
		}
		security = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	}
	messages := link.NewMessages(embeddedLink, g.readers(), g.intake, g.opener())
	publisher := g.newPublisher(embeddedLink, embeddedLink, func(_ context.Context, topic string, payload []byte, retain bool) error {
		return g.broker.Publish(topic, payload, retain)
	}, nil)
	publisher.WhenRead(func(topic string) bool { return g.broker.Reads(topic) })
	var err error
	g.broker, err = mqttbroker.New(mqttbroker.Options{
		Listen: plain, TLSListen: secure, TLS: security, Users: g.members.all(g.roster.Users()), AllowAnonymous: e.AllowAnonymous,
		Limits: mqttbroker.Limits{
			Connections: e.MaxConnections, DeviceConnections: e.DeviceConnections, PerSecond: e.DeviceRate, Burst: e.DeviceBurst,
		},
		Inbound: link.Inbound, Urgent: messages.Urgent, Says: mqtt.SessionState(), Asked: publisher.Asked, Now: g.o.Now, Log: g.o.Log,
	}, messages)
	if err != nil {
		return err
	}
	g.addPublisher(embeddedLink, downlink.Messages(g.c.Meshtastic.Mesh), func(_ context.Context, topic string, payload []byte) error {
		return g.broker.Publish(topic, payload, false)
	})
	g.publishers = append(g.publishers, publisher)
	since := g.o.Now().UTC()
	g.links = append(g.links, &liveLink{
		id: embeddedLink, kind: "broker", protocol: "mqtt",
		state: func() (string, time.Time, string) { return "up", since, g.brokerWords() },
		parts: []func(context.Context) error{g.broker.Serve, g.takeUsers},
	})
	return nil
}

// brokerWords says how the broker stands, and what whoever looks after it must know.
func (g *Gateway) brokerWords() string {
	s := g.broker.Stats()
	words := fmt.Sprintf("%d alat tersambung / %d devices connected", s.Connected, s.Connected)
	for _, addr := range []string{g.broker.Addr(), g.broker.TLSAddr()} {
		if addr != "" {
			words += " on " + addr
		}
	}
	if s.Full > 0 {
		words += fmt.Sprintf("; %d connections refused for want of room (mqtt.embedded.max_connections)", s.Full)
	}
	if s.Dropped > 0 {
		words += fmt.Sprintf("; ALARM: %d messages to slow subscribers dropped", s.Dropped)
	}
	return words
}

// takeUsers changes who may connect, as told, without ending anybody's session who
// is still known.
func (g *Gateway) takeUsers(ctx context.Context) error {
	for {
		select {
		case users := <-g.o.Users:
			g.letIn(users)
			g.o.Log.Info("MQTT users read again", "users", len(users))
		case <-ctx.Done():
			return nil
		}
	}
}

// UserChanges carries the broker's users to a running gateway.
type UserChanges <-chan map[string]mqttuser.User
