// Package mqttclient is the life of a session with somebody else's MQTT broker:
// connect, subscribe, hand over, acknowledge, reconnect. It carries messages and
// knows nothing of what they say.
//
// Flow: messages → report → journal; mqttclient delivers the messages and acknowledges when
// the journal has them.
package mqttclient
