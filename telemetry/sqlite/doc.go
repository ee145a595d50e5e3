// Package sqlite keeps the series in one SQLite file of its own: the default
// store, on one box. Deleting old points there never touches the journal.
//
// Stage: telemetry → **sqlite** → reports, Grafana.
package sqlite
