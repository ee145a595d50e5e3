// Package procedure keeps in the journal by which limits incidents were judged when: what
// the procedure's file said is an entry as soon as a gateway first sees it. So the file may
// change, and what was judged by the old one comes out the same, now and after a rebuild or
// an import.
//
// Stage: journal and file → **procedure** → the plan of each call.
package procedure
