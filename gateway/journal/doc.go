// Package journal is the durable, ordered record of everything the gateway was
// told, and the only source of truth: the tracker's state, the telemetry and
// the page are folds of it.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks.
package journal
