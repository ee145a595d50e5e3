// Package account says who there is: the users of the page and of the embedded broker
// in one form of file, what each role may publish and read on the broker, and one
// [Verifier] that checks passwords for the page, the broker, the posts of phones, edge
// sites and keypads.
//
// The rules of topics follow what Mosquitto's patterns would be for the same site
// (firmware-notes/mqtt-payloads.md section 4): a device publishes only as itself and reads
// only what is addressed to it.
//
// Stage: tool; the links ask it whose messages to take, signin who may act.
package account
