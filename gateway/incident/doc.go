// Package incident holds incidents, units and milestones, and the tracker: a
// pure fold from journal entries to updates. It does no I/O and never reads the
// clock; the same set of events in any order gives the same state.
//
// Stage: journal → tracker → **incident** (its nouns) → update.
package incident
