// Package metrics gives the gateway's counters to Prometheus: those of the parts, which say
// by themselves how they stand, and those of the whole.
//
// Stage: tool; it reads what the other stages count.
package metrics
