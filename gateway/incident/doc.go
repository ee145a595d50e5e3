// Package incident holds the nouns of the gateway: incidents, units, milestones, the acts
// of dispatchers and CADs, locations, alerts, and the updates that say what changed of
// them. They are plain values; package tracker derives them from the journal.
//
// Stage: tracker → **incident** (what it derives) → update.
package incident
