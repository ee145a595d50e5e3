// Package fixlog is an ordered set of a unit's fixes: in the order of their own time, each
// once. A unit sends thousands within the hours in which any of them may be judged again,
// and hardly any of them is: all but the newest few are packed in blocks of some bytes a
// fix. It does no I/O and never reads the clock.
//
// Stage: journal → **tracker** (a unit's fixes) → update.
package fixlog
