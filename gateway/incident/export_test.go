package incident

// WalkFrom makes the tracker walk no more than so many of a unit's newest acts and keys
// anew, or a few times as many: short histories then do what long ones do.
func (t *Tracker) WalkFrom(newest int) { t.floorBehind = newest }
