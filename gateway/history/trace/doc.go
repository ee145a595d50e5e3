// Package trace follows one report from the roof to the record: the frame as it
// came, who heard it, when the journal had it, what the tracker made of it, how far
// each sink is with that, and what was sent back.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; the trace reads
// each of these, and changes none.
package trace
