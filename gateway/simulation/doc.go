// Package simulation plays a county's field teams against a real gateway: base
// stations on ptys that speak the radios' own frames, phones on MQTT, a call
// taker and a dispatcher on the HTTP API. It reaches the gateway only as they do,
// so what the demo shows is what real equipment would show.
//
// Stage: tool; it plays the radios, phones and people before the first stage.
package simulation
