// Package mqttuser says who may use the embedded MQTT broker, in which role, and
// which topics are theirs. It is pure but for the users file.
//
// The rules follow what Mosquitto's patterns would be for the same site
// (shared/reliability.md, section D): a device publishes only as itself and reads
// only what is addressed to it.
//
// Flow: beside it; mqttuser says whose messages mqttbroker takes.
package mqttuser
