// Package simulation plays a county's field teams against a real gateway: base
// stations on ptys that speak the radios' own frames, phones on MQTT, a call
// taker and a dispatcher on the HTTP API. It knows the gateway only through
// those doors, so what the demo shows is what real equipment would show.
//
// Flow: before it; simulation makes the bytes.
package simulation
