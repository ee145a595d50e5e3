// Package sop measures the course of an incident against the written procedure:
// which clocks run, which were met and which were breached. It is a pure
// function of milestones and now; it does no I/O and reads no clock.
//
// Stage: milestone → **sop** → clock.
package sop
