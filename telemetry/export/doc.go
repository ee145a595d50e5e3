// Package export writes what the gateway keeps as files for other programs: the
// points of the series and the entries of the journal as CSV, JSON lines or
// Parquet, and fixes as GeoJSON or GPX too.
//
// Rows are written as they are read, so that memory does not grow with their
// number. Times are UTC, RFC 3339 where a format has no time of its own. What a
// correction has replaced is written too, with true in the column superseded.
//
// Stage: series, journal → **export** → file.
package export
