package tracker

import "htgateway/gateway/incident/tracker/fixlog"

// ReplayAtLeast makes the tracker replay no more than so many of a unit's newest acts and
// keys, or a few times as many: short histories then do what long ones do.
func (t *Tracker) ReplayAtLeast(newest int) { t.minReplayed = newest }

// PackFrom makes the tracker keep no more than so many of a unit's newest fixes unpacked,
// or a block more, pack the others in blocks of so many, and close blocks that were
// opened after so many events.
func (t *Tracker) PackFrom(newest, block, closeAfter int) {
	t.packing = fixlog.Packing{Newest: newest, Block: block, CloseAfter: closeAfter}
}
