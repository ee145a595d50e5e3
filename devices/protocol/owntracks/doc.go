// Package owntracks reads what the OwnTracks phone apps publish over MQTT. It is
// pure: bytes → frames → reports.
//
// Source: OwnTracks booklet, "JSON"; what to mind is in firmware-notes/mqtt-payloads.md
// section 1. Speeds are km/h on the wire and metres a second in reports.
//
// Stage: message → **owntracks** → report.
package owntracks
