// Package edge carries the journal of an edge site (the gateway of a far repeater) to the
// centre whenever the network is there: new entries at once, waiting ones at a pace that
// leaves room for them. Its cursor in the site's journal moves only once the centre has
// journaled what was sent.
//
// Stage: journal of a site → **edge** → intake of the centre.
package edge
