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

// SessionState is what a session says of itself, retained, on one topic: Up at every
// connect, Down when it ends or, by the broker, when it is lost.
type SessionState struct {
	Topic    string
	Up, Down []byte
}
