package tracker

import (
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
)

// tenure is a past time with a unit as the tracker looks it up.
type tenure struct {
	until time.Time
	team  *team
}

// tenures indexes the past times by device.
func tenures(roster []incident.Unit, teams map[string]*team) map[devices.Identity][]tenure {
	out := map[devices.Identity][]tenure{}
	for _, u := range roster {
		for _, f := range u.Former {
			out[f.Device] = append(out[f.Device], tenure{f.Until, teams[u.ID]})
		}
	}
	return out
}

// speaker is the unit for which a report's device spoke when it was made, by the
// device's own clock where that can be right; nil for a stranger.
func (t *Tracker) speaker(r *devices.Report) *team {
	past := t.former[r.Device]
	if len(past) == 0 {
		return t.devices[r.Device]
	}
	at := r.ReceivedAt
	if !r.DeviceTime.IsZero() && r.DeviceTime.Before(at) {
		at = r.DeviceTime
	}
	var first *tenure
	for i := range past {
		if at.Before(past[i].until) && (first == nil || past[i].until.Before(first.until)) {
			first = &past[i]
		}
	}
	if first != nil {
		return first.team
	}
	return t.devices[r.Device]
}
