// Package sink is what all sinks have in common: a sink says how it stands, and runs again
// when it failed.
//
// Flow: … → tracker → update → sinks.
package sink
