package tracker

// WalkFrom makes the tracker walk no more than so many of a unit's newest acts and keys
// anew, or a few times as many: short histories then do what long ones do.
func (t *Tracker) WalkFrom(newest int) { t.floorBehind = newest }

// PackFrom makes the tracker keep no more than so many of a unit's newest fixes unpacked,
// or a block more, pack the others in blocks of so many, and close blocks that were
// opened after so many events.
func (t *Tracker) PackFrom(newest, block, patience int) {
	t.packing = packing{newest, block, patience}
}
