// Package meshtastic reads what Meshtastic gateway nodes publish over MQTT, as
// JSON and as protobuf, and makes what they send into the mesh. It is pure:
// bytes → frames → reports.
//
// Sources: Meshtastic documentation, "MQTT"; meshtastic/protobufs at 1b4cb00f
// (mqtt.proto, mesh.proto, portnums.proto, telemetry.proto); firmware
// src/serialization/MeshPacketSerializer.cpp at 0ba927cc; what to mind is in
// firmware-notes/mqtt-payloads.md section 2. Speeds are km/h on the wire and metres a
// second in reports, degrees are 1e-7 of a degree.
//
// Stage: message → **meshtastic** → report.
package meshtastic
