package devices

import "time"

// Message is one MQTT publication as it reached the gateway.
type Message struct {
	Topic       string
	Payload     []byte
	Retained    bool
	Redelivered bool
	Client      string
	PacketID    uint16
	ReceivedAt  time.Time
}
