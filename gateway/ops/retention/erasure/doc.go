// Package erasure removes personal data from what the gateway has stored, the journal
// included: who called, and places that no incident can need. What happened, when, and
// who erased it stays.
//
// Stage: tool; it edits journal and updates and makes nothing new.
package erasure
