// Package mqttbroker is the MQTT broker in the process, for field devices on a
// site without one. A publication is acknowledged only after the gateway has it
// on disk.
//
// Source: MQTT 3.1.1 and 5. The broker is mochi-mqtt, whose OnPublish hook runs
// before the acknowledgement (shared/design.md, "Facts found by trying").
//
// Flow: messages → report → journal; mqttbroker delivers the messages and acknowledges when
// the journal has them.
package mqttbroker
