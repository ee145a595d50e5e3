// Package replay shows a past period as the gateway knew it at each moment. A tracker of
// its own reads the journal again in the order in which entries came, so that no moment
// holds what was known only later. It reads the journal and writes nothing.
//
// Stage: journal → **replay** (a tracker of its own) → page; made when somebody asks.
package replay
