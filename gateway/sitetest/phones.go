package sitetest

import (
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// DeviceNames are the names of so many phones.
func DeviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("psc%d", i)
	}
	return names
}

// MQTTClient is a client of the site's broker.
func (s *Site) MQTTClient(user string) paho.Client {
	s.T.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Broker).SetClientID(user + "-client").SetUsername(user).SetPassword(PhonePassword))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.T.Fatal(tok.Error())
	}
	s.T.Cleanup(func() { c.Disconnect(0) })
	return c
}

// Publish sends with QoS 1 and waits for the acknowledgement.
func (s *Site) Publish(c paho.Client, topic string, payload any) {
	s.T.Helper()
	if tok := c.Publish(topic, 1, false, payload); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.T.Fatalf("%s: not acknowledged: %v", topic, tok.Error())
	}
}
