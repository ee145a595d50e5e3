// Package erasure takes personal data out of what the gateway has stored, the
// journal too: callers, and places that no incident can need. What happened, when, and
// who erased it stays.
//
// Flow: it stands beside it: journal and updates are edited, nothing is made.
package erasure
