// Package tracker derives incidents, units and milestones from the journal: a pure fold
// from entries to updates. It does no I/O and never reads the clock; the same set of
// events in any order gives the same state. DESIGN.md says how.
//
// Stage: journal → **tracker** → update.
package tracker
