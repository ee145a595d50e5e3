// Package mqttclient is the life of a session with somebody else's MQTT broker:
// connect, subscribe, hand over, acknowledge, reconnect. It acknowledges a message once
// the journal has it, and knows nothing of what it says.
//
// Stage: broker → **mqttclient** → message → link.
package mqttclient
