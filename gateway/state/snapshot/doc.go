// Package snapshot writes a graph of Go values as bytes and reads it back: unexported
// fields, shared pointers and cycles included. It serves state that can be made again
// from the journal, so nothing is promised between versions: bytes that were written
// with other types are refused, and the state is made again. It imports nothing of ours.
//
// Stage: tool; fold keeps the tracker's checkpoint with it.
package snapshot
