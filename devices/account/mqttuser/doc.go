// Package mqttuser says who may use the embedded MQTT broker, in which role, and
// which topics are theirs. It is pure but for the users file.
//
// The rules follow what Mosquitto's patterns would be for the same site
// (firmware-notes/mqtt-payloads.md section 4): a device publishes only as itself and
// reads only what is addressed to it.
//
// Stage: tool; mqttbroker asks it whose messages to take.
package mqttuser
