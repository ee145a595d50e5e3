// Package trace follows one report from its frame to the record: the bytes, the links
// that heard it, when the journal had it, what the tracker made of it, which sinks have
// that already, and what was sent back.
//
// Stage: tool; it reads every stage for one report and changes none.
package trace
