// Package edge carries what the gateway of an edge site journaled (a repeater on a
// mountain, say) to the centre, whenever the link is there: what comes in now at once,
// what waited at a pace that leaves room for it.
//
// Flow: bytes → frame → report → journal → edge → the centre's intake; at the site it
// is a reader of the journal with a place of its own, which moves only once the centre
// has journaled.
package edge
