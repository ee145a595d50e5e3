// Package downlink sends to the radios: a dispatcher's text, a request for a position,
// and the short answer that shows a team that its key was heard. A key is answered only
// when its report is in the journal.
//
// It follows the journal as the tracker does: an act asks for a message, reports answer
// it, and every outcome is a record of its own. A message that a kill cut off is in the
// journal and is sent after the restart.
//
// Stage: journal → **downlink** → radio.
package downlink
