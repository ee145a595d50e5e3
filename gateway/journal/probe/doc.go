// Package probe watches a journal that may stop taking records, as on a full disk, and
// tries it again by itself, so that the gateway recovers though nobody sends. What makes
// the try is worth keeping: from when, and why, nothing was taken.
//
// Stage: tool; it appends to the journal, and reports how the journal stands.
package probe
