// Package simulation plays a county's field teams against a real gateway: base
// stations on ptys that speak the radios' own frames, phones on MQTT, a call
// taker and a dispatcher on the HTTP API. It reaches the gateway only as they do,
// so what the demo shows is what real equipment would show.
//
// Of ten missions five are reported with a punctual on-scene key, two with one that is minutes
// late, one with none, one with one pressed kilometres before the scene, and one with "completed"
// first. A completed key that is lost is asked for by voice when the unit is back and the case is
// reviewed.
//
// Stage: tool; it plays the radios, phones and people before the first stage.
package simulation
