package tracker

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// formerBinding is a device's past time with a unit, as the tracker looks it up.
type formerBinding struct {
	until    time.Time
	timeline *unitTimeline
}

// formerBindings indexes the past times by device.
func formerBindings(roster []incident.Unit, timelines map[string]*unitTimeline) map[devices.Identity][]formerBinding {
	out := map[devices.Identity][]formerBinding{}
	for _, u := range roster {
		for _, f := range u.Former {
			out[f.Device] = append(out[f.Device], formerBinding{f.Until, timelines[u.ID]})
		}
	}
	return out
}

// speaker is the unit for which a report's device spoke when it was made; nil for an unknown
// device.
func (t *Tracker) speaker(r *devices.Report) *unitTimeline {
	past := t.former[r.Device]
	if len(past) == 0 {
		return t.devices[r.Device]
	}
	at := judgedTime(r)
	var first *formerBinding
	for i := range past {
		if at.Before(past[i].until) && (first == nil || past[i].until.Before(first.until)) {
			first = &past[i]
		}
	}
	if first != nil {
		return first.timeline
	}
	return t.devices[r.Device]
}
