// Package backup copies a gateway's databases, also while it runs, and the files
// that its configuration names, into one folder that says what it holds, and puts
// them back.
//
// Stage: tool; it copies databases and reads the journal only to sum it up.
package backup
