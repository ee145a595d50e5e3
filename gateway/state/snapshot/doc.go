// Package snapshot writes a graph of Go values as bytes and reads it back: unexported
// fields, shared pointers and cycles included. It is for state that can always be made
// again from the journal, so nothing is promised between versions: bytes that were
// written of other types are refused, and the state is made again.
//
// Flow: it stands beside the tracker, whose state it keeps; it imports nothing of ours.
package snapshot
