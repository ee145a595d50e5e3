// Package fieldjson reads the gateway's own report format, for keypads, trackers
// and anything that somebody builds: JSON on htgateway/devices/{device}/report.
// It is pure: bytes → frames → reports.
//
// Source: shared/mqtt-payloads.md section 3.
//
// Flow: bytes → frame → report; fieldjson is both arrows for devices of our own format.
package fieldjson
