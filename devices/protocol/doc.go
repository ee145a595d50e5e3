// Package protocol is the catalogue of the protocols that the gateway reads: for each
// its name, its decoder, how it is carried, and what can be sent over it. To add a
// protocol is one line here beside its own folder; links, the commands decode and
// monitor, the search for a line's speed and the check of the configuration follow
// from it.
//
// Stage: bytes, messages → **protocol** (chooses the decoder) → report.
package protocol
