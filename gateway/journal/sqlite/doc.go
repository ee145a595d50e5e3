// Package sqlite keeps the journal in one SQLite file: the default, on one box.
//
// Writes are grouped: every append that waits is committed in one synced
// transaction, which makes durability nearly free under load and costs one sync
// when alone. A steady stream of single reports is let come together for 40 ms; see
// [commitDelay].
//
// Stage: intake, desk → **journal** in a file → tracker.
package sqlite
