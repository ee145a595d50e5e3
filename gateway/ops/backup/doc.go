// Package backup copies a gateway's databases, also while it runs, and the files
// that its configuration names, into one folder that says what it holds, and puts
// them back.
//
// Flow: it stands beside it: databases are copied whole, and of the journal only its
// entries are read, to sum them up.
package backup
