// Package devices is what a field device can say: every protocol ends in one type,
// [Report]. The folders below turn bytes into frames and frames into reports (protocol),
// carry the bytes (transport), or know who may connect (account).
//
// Stage: bytes → frame → **report** → intake. Nothing here knows of incidents.
package devices
