// Package sqlite keeps the series in one SQLite file of its own: the default
// store, on one box. Deleting old points there never touches the journal.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; this is
// where the telemetry sink ends.
package sqlite
