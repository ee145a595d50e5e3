// Package fold runs the tracker over the journal (a projector): entries in, updates out
// to the log, and the present state for those who ask. The tracker itself stays pure.
//
// Stage: journal → **fold** (runs the tracker) → update.
package fold
