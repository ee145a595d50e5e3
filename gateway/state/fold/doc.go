// Package fold runs the tracker over the journal: entries in, updates out to the
// log, and the present state for whoever asks.
//
// Flow: … → journal → tracker → update → sinks; fold is the thread through the
// middle. The tracker itself stays pure.
package fold
