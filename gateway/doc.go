// Package gateway is the daemon: it wires links, journal, tracker and sinks, and
// holds no logic of its own.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; gateway makes each part
// and joins them.
package gateway
