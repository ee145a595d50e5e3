// Package intake is the one way from a link to the journal: it gives every
// report its identity, recognises a report that is heard again, keeps refused
// bytes with the reason, and counts all of it.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; intake stands
// between report and journal.
package intake
