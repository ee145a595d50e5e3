// Package mqttbroker is the MQTT broker in the process, for field devices on a
// site without one. A publication is acknowledged only after the gateway has it
// on disk.
//
// Source: MQTT 3.1.1 and 5. The broker is mochi-mqtt, whose OnPublish hook runs
// before the acknowledgement and may withhold it (firmware-notes/mqtt-payloads.md
// section 4).
//
// Stage: device → **mqttbroker** → message → link.
package mqttbroker
