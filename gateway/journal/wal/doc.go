// Package wal empties the write-ahead log of an SQLite file, so that what was erased
// from the file is not left beside it.
//
// Flow: it stands below journal and update log, and imports neither.
package wal
