// Package sqlitelog is what the journal, the update log and the series have in common
// as SQLite files: how a file is opened, the window of the newest items in memory, and
// the write-ahead log.
//
// Stage: tool; journal, update log and series open and read their SQLite files with
// it.
package sqlitelog
