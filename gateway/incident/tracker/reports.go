package tracker

import (
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// report applies one report of one device.
func (t *Tracker) report(r *devices.Report) []incident.Update {
	r = bySiteClock(r)
	u := t.speaker(r)
	if u == nil {
		return t.reportOfUnknown(r)
	}
	if t.ownerNow(r.Device) == nil { // it was the unit's when it said this
		t.noteUnknown(r)
	}
	u.updatePresent(r)
	fix, key := u.origins.observe(r, t.journal)
	var own, out []incident.Update
	if fix.exists() {
		var learned []incident.Update
		shown := u.sighting().by
		if r.Retained {
			u.retained.see(fix.Entry)
		} else {
			learned = u.learn(t, fix)
		}
		up := u.fixUpdate(t, fix)
		up.Newest = shown != fix.Own && u.sighting().by == fix.Own
		if !key.exists() {
			return t.prepend(up, learned)
		}
		own, out = append(own, up), learned
	}
	if key.exists() && !r.Retained {
		learned := u.learn(t, key)
		own = append(own, u.keyUpdates(t, key)...)
		out = append(out, learned...)
	}
	return append(own, out...)
}

// sighting is what the unit's marker shows: a retained message does until something newer
// comes.
func (u *unitTimeline) sighting() *sighting {
	if u.seen.by.Compare(u.retained.by) < 0 {
		return &u.retained
	}
	return &u.seen
}

// prepend puts an update before others. Most fixes change nothing else: their one update is
// placed in an array that is used again, so that folding makes no garbage.
func (t *Tracker) prepend(up incident.Update, to []incident.Update) []incident.Update {
	if len(to) == 0 {
		t.single[0] = up
		return t.single[:]
	}
	return append([]incident.Update{up}, to...)
}

// updatePresent brings up to date what is only about now.
func (u *unitTimeline) updatePresent(r *devices.Report) {
	if r.Retained {
		return
	}
	doubted := geo.Exclusion("")
	if r.HasLiveFix() {
		_, _, doubted = fixTime(r)
	}
	u.state.Note(r, doubted)
	if r.Presence != nil && r.Presence.Offline {
		return // the broker or another node says so, not the device
	}
	heard := keyAt(r.ReceivedAt, r.ID)
	if heard.Compare(u.heardBy) <= 0 {
		return
	}
	u.heardBy, u.state.HeardAt, u.state.Link = heard, r.ReceivedAt, r.Link
	if pct, known := r.BatteryPct.Value(); known && pct >= 0 && pct <= 100 {
		u.state.BatteryPct = r.BatteryPct
	}
}

// reportAlertsOf are the alerts that a report raises by itself. A radio may say that its
// emergency is over; only a person may close it.
func reportAlertsOf(r *devices.Report) []reportAlert {
	var out []reportAlert
	switch r.Status {
	case devices.StatusOther:
		out = append(out, reportAlert{unknownCode, fmt.Sprintf("kode %s belum dipetakan / code %s is not mapped", r.StatusCode, r.StatusCode)})
	case devices.StatusNeedsAssistance:
		out = append(out, reportAlert{"needs_assistance", "minta bantuan / needs assistance"})
	}
	if r.Emergency {
		return append(out, reportAlert{emergency, strings.TrimSuffix("DARURAT / EMERGENCY: "+r.Remark(), ": ")})
	}
	if r.StatusCode == "" {
		return out
	}
	if remark := r.Remark(); remark != "" {
		out = append(out, reportAlert{radioState, remark})
	}
	return out
}

func (u *unitTimeline) alertOf(c reportAlert, e observation) incident.Alert {
	a := incident.Alert{Kind: c.kind, Unit: u.ID, Incident: e.Incident, At: e.at(), Report: e.Own.ID, Text: u.CallSign + ": " + c.text}
	a.ID = alertID(&a)
	return a
}

// base starts an update about a report.
func (u *unitTimeline) base(t *Tracker, kind incident.UpdateKind, e observation) incident.Update {
	up := t.about(kind, e.Incident, u, e.at(), e.Own.ID)
	up.ID = updateID(kind, e.Own.ID)
	up.KnownAt, up.Device, up.Assurance = e.Known.At, e.Origin.Device, e.Origin.Assurance
	up.Protocol, up.Link = e.Origin.Protocol, e.Origin.Link
	return up
}

func (u *unitTimeline) fixUpdate(t *Tracker, e observation) incident.Update {
	up := u.base(t, incident.UpdateFix, e)
	up.Fix, up.SetAside = e.Fix, e.Why
	if e.Fix.Forgotten {
		up.Fix = nil
	}
	return up
}

// keyUpdates are the updates about a key, words and emergencies. The unit's status is noted
// with them.
func (u *unitTimeline) keyUpdates(t *Tracker, e observation) []incident.Update {
	var out []incident.Update
	if e.statement.status != "" {
		up := u.base(t, incident.UpdateStatus, e)
		up.Status, up.StatusCode, up.Fix = e.statement.status, e.statement.code, e.Fix
		if u.statusBy.Compare(e.Own) < 0 {
			u.statusBy, u.state.Status, u.state.StatusAt = e.Own, e.statement.status, e.at()
			up.Newest = true
		}
		out = append(out, up)
	}
	for _, c := range e.statement.alerts {
		if a := u.alertOf(c, e); u.raised(&a) {
			out = append(out, t.alertUpdate(a, u, e.Known.At))
		}
	}
	if e.statement.text != "" {
		up := u.base(t, incident.UpdateMessage, e)
		up.Text = e.statement.text
		out = append(out, up)
	}
	return out
}

// emitAgain makes the updates about an event once more, because it belongs to another unit or
// incident than was thought, or was at another time than the one it was given out with before.
func (u *unitTimeline) emitAgain(t *Tracker, e observation, beforeAt time.Time) []incident.Update {
	var out []incident.Update
	switch {
	case e.act != nil:
		return nil
	case e.isFix():
		out = []incident.Update{u.fixUpdate(t, e)}
	default:
		out = u.keyUpdates(t, e)
	}
	for i := range out {
		if k := out[i].Kind; k == incident.UpdateFix || k == incident.UpdateStatus {
			out[i].BeforeAt = beforeAt
		}
	}
	return out
}

// withdrawnUpdates take back what was given out about an event, which is no unit's.
func (u *unitTimeline) withdrawnUpdates(t *Tracker, e observation, knownAt time.Time) []incident.Update {
	if e.act != nil || e.statement != nil && e.statement.status == "" {
		return nil
	}
	e.Incident = ""
	up := u.base(t, incident.UpdateWithdrawn, e)
	up.KnownAt, up.BeforeAt = knownAt, e.at()
	subject := "fix"
	if e.statement != nil {
		up.Status, subject = e.statement.status, "status"
	}
	up.ID = updateID(incident.UpdateWithdrawn, subject, e.Own.ID, u.ID, stamp(knownAt))
	return []incident.Update{up}
}
