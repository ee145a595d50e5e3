// Package faults tests what is lost and what is doubled when processes are killed, disks
// fill and break, cables are cut and receivers stall.
//
// Stage: tool
package faults
