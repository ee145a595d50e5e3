// Package fieldjson reads the gateway's own report format, for keypads, trackers
// and anything that somebody builds: JSON on htgateway/devices/{device}/report.
// It is pure: bytes → frames → reports.
//
// Source: firmware-notes/mqtt-payloads.md section 3.
//
// Stage: message → **fieldjson** → report.
package fieldjson
