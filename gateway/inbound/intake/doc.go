// Package intake is the one way from a link to the journal: it gives every
// report its identity, recognises a report that is heard again, keeps refused
// bytes with the reason, and counts all of it.
//
// Stage: report → **intake** → journal.
package intake
