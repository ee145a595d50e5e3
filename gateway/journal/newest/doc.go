// Package newest keeps the newest of a numbered sequence in memory, so that who follows
// it closely need not read it back from a file.
//
// Flow: it stands below journal and update log, and imports neither.
package newest
