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
	// Account is the user who proved with a password to have sent it, empty where
	// that is not known (somebody else's broker).
	Account string
	// Will marks a last will: the broker sent it because the connection ended without
	// a farewell. Its payload was written when the connection began.
	Will bool
	// Refused is why the broker would not have it, empty when nothing speaks against
	// it. It is kept with that reason and is nobody's report.
	Refused string
	// Excess marks what came beyond the sender's rate: a position that may be given
	// up, while a key or an emergency may not.
	Excess bool
}

// SessionState is what a session says of itself, retained, on one topic: Up at every
// connect, Down when it ends or, by the broker, when it is lost.
type SessionState struct {
	Topic    string
	Up, Down []byte
}
