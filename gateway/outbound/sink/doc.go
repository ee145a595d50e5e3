// Package sink is what all sinks have in common: a sink says how it stands, and runs again
// when it failed.
//
// Stage: tool; the daemon runs every sink with it.
package sink
