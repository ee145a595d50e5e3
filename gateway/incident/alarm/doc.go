// Package alarm raises alarms about the procedure's clocks: a warning before the
// limit, a breach after it, who is late. Which alarms there are is a pure function
// of an incident's course and the time; each step of one is journaled under an id
// of its own, so that neither a restart nor a replay raises it twice, and becomes
// an update that every sink carries.
//
// A radio may raise an alarm, or answer it, but never closes one: its identity is
// a claim. Only a dispatcher's act on the incident does.
//
// Stage: state → **alarm** → journal.
package alarm
