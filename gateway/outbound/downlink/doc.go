// Package downlink sends back to the radios: a dispatcher's text, a request for a
// position, and the short answer to a pressed key that tells the team it was heard.
//
// Flow: … → journal → downlink → radios. It follows the journal like the tracker
// does: an act asks for a message, reports answer it, and every outcome is a
// record of its own. What is unfinished at a kill is in the journal and goes on
// after the restart. A key is answered only when its report is in the journal.
package downlink
