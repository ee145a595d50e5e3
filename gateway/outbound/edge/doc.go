// Package edge carries the journal of an edge site (the gateway of a far repeater) to the
// centre whenever the network is there: new entries at once, waiting ones at a pace that
// leaves room for them. Its cursor in the site's journal moves only once the centre has
// journaled what was sent. With each record goes how the site's clock stood when it was
// journaled: steps of that clock are noted, and where nothing tells, that is said.
//
// Stage: journal of a site → **edge** → intake of the centre.
package edge
