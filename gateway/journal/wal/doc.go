// Package wal empties the write-ahead log of an SQLite file, so that what was erased
// from the file is not left beside it.
//
// Stage: tool; erasure empties the write-ahead logs with it.
package wal
