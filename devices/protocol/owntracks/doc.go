// Package owntracks reads what the OwnTracks phone apps publish over MQTT. It is
// pure: bytes → frames → reports.
//
// Source: OwnTracks booklet, "JSON", as described in shared/mqtt-payloads.md
// section 1. Speeds are km/h on the wire and metres a second in reports.
//
// Flow: bytes → frame → report; owntracks is both arrows for phones.
package owntracks
