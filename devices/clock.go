package devices

import "time"

// clockNotBelieved begins the note on a time that a device sent and that no clock shows.
const clockNotBelieved = "not_believed:"

// Keepable tells whether a time can be kept: journal and series count nanoseconds
// since 1970, and JSON has years of four digits. The zero time is none.
func Keepable(t time.Time) bool {
	return t.IsZero() || t.Unix() >= 0 && t.UTC().Year() <= lastYear
}

// lastYear ends before nanoseconds since 1970 no longer fit into 64 bits, in 2262.
const lastYear = 2261

// DropWildTimes takes out of a report the times that cannot be kept, and notes it.
// The rest of what the device says counts: a press with a broken clock is a press.
func (r *Report) DropWildTimes() {
	if !Keepable(r.DeviceTime) {
		r.DeviceTime, r.ClockNote = time.Time{}, clockNotBelieved+r.DeviceTime.UTC().Format(time.RFC3339)
	}
	if !Keepable(r.MadeAt) {
		r.MadeAt = time.Time{}
	}
	if !Keepable(r.ChangedAfter) {
		r.ChangedAfter = time.Time{}
	}
	if r.Fix != nil && !Keepable(r.Fix.Time) {
		fix := *r.Fix
		fix.Time = r.DeviceTime
		r.Fix = &fix
	}
}
