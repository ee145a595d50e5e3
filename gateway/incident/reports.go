package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
)

// report takes one report of one device.
func (t *Tracker) report(r *devices.Report) []Update {
	u := t.speaker(r)
	if u == nil {
		return t.stranger(r)
	}
	at, clock := ownTime(r)
	own := mark{at, r.ID}
	known := mark{r.ReceivedAt, r.ID}
	out := u.now(t, r, own)
	if r.Retained {
		return out
	}
	var press *press
	if r.Status != "" {
		press = newPress(r, own, clock)
	}
	if r.HasLiveFix() {
		out = append(out, u.learn(t, told{mark: known, fix: &sighting{mark: own, fix: r.Fix, knownAt: r.ReceivedAt}})...)
	}
	if press != nil {
		// A report with both is two events; the key comes after its own fix.
		key := mark{known.at, known.id + "/key"}
		out = append(out, u.learn(t, told{mark: key, press: press})...)
	}
	return out
}

func newPress(r *devices.Report, own mark, clock string) *press {
	p := &press{mark: own, status: r.Status, code: r.StatusCode, knownAt: r.ReceivedAt, clock: clock}
	if r.HasLiveFix() {
		p.fix = r.Fix
	}
	return p
}

// now brings the unit's present state up to a report, and tells about the report
// itself: its key, its position, its words, its emergency.
func (u *team) now(t *Tracker, r *devices.Report, own mark) []Update {
	var out []Update
	base := func(kind UpdateKind) Update {
		up := t.about(kind, u.incidentAt(own.at), u, own.at, r.ID)
		up.ID = updateID(kind, r.ID)
		up.KnownAt, up.Device, up.Protocol, up.Link = r.ReceivedAt, r.Device, r.Protocol, r.Link
		return up
	}
	if !r.Retained && r.ReceivedAt.After(u.state.HeardAt) {
		u.state.HeardAt, u.state.Link = r.ReceivedAt, r.Link
	}
	if pct, known := r.BatteryPct.Value(); known && pct >= 0 && pct <= 100 {
		u.state.BatteryPct = r.BatteryPct
	}
	if r.HasLiveFix() {
		up := base(UpdateFix)
		up.Fix = r.Fix
		if u.fixBy.compare(own) < 0 {
			u.fixBy, u.state.Fix, u.state.FixAt = own, r.Fix, own.at
			up.Newest = true
		}
		out = append(out, up)
	}
	if r.Retained {
		return out
	}
	if r.Status != "" {
		up := base(UpdateStatus)
		up.Status, up.StatusCode, up.Fix = r.Status, r.StatusCode, r.Fix
		if u.statusBy.compare(own) < 0 {
			u.statusBy, u.state.Status, u.state.StatusAt = own, r.Status, own.at
			u.state.Emergency = r.Emergency
			up.Newest = true
		}
		out = append(out, up)
		if r.Status == devices.StatusOther {
			out = append(out, u.raise(t, "unknown_code", r, own, fmt.Sprintf("kode %s belum dipetakan / code %s is not mapped", r.StatusCode, r.StatusCode)))
		}
		if r.Status == devices.StatusNeedsAssistance {
			out = append(out, u.raise(t, "needs_assistance", r, own, "minta bantuan / needs assistance"))
		}
	}
	if r.Emergency {
		u.state.Emergency = true
		out = append(out, u.raise(t, "emergency", r, own, strings.TrimSuffix("DARURAT / EMERGENCY: "+r.Remark(), ": ")))
	} else if remark := r.Remark(); remark != "" {
		// A radio may tell that its emergency is over; only a person may close it.
		out = append(out, u.raise(t, "radio_state", r, own, remark))
	}
	if r.Text != "" && r.Kind != devices.KindAck && r.Kind != devices.KindObject {
		up := base(UpdateMessage)
		up.Text = r.Text
		out = append(out, up)
	}
	return out
}

func (u *team) raise(t *Tracker, kind string, r *devices.Report, own mark, text string) Update {
	a := Alert{Kind: kind, Unit: u.ID, Incident: u.incidentAt(own.at), At: own.at, Report: r.ID, Text: u.CallSign + ": " + text}
	if f := t.files[a.Incident]; f != nil && !slices.Contains(f.alerts, a) {
		f.alerts = append(f.alerts, a)
	}
	return t.alertUpdate(a, u, r.ReceivedAt)
}

// incidentAt is the incident that the unit was on at a time, or empty.
func (u *team) incidentAt(at time.Time) string {
	if a := u.assignmentAt(at); a != nil {
		return a.incident
	}
	return ""
}

// stranger notes a device that belongs to no unit. Its words are kept in the
// journal; an emergency is shown at once, whoever claims it.
func (t *Tracker) stranger(r *devices.Report) []Update {
	if r.Device == "" {
		return nil
	}
	s := t.strange[r.Device]
	if s == nil {
		s = &Stranger{Device: r.Device, FirstHeard: r.ReceivedAt}
		t.strange[r.Device] = s
	}
	s.Reports++
	if r.ReceivedAt.Before(s.FirstHeard) {
		s.FirstHeard = r.ReceivedAt
	}
	if r.ReceivedAt.After(s.LastHeard) {
		s.LastHeard, s.LastLink, s.LastSaid = r.ReceivedAt, r.Link, said(r)
		if r.HasLiveFix() {
			s.LastFix = r.Fix
		}
	}
	if !r.Emergency || r.Retained {
		return nil
	}
	s.AnEmergency = true
	at, _ := ownTime(r)
	up := t.alertUpdate(Alert{
		Kind: "emergency", At: at, Report: r.ID,
		Text: fmt.Sprintf("%s (tidak terdaftar / not on the roster): DARURAT / EMERGENCY", r.Device),
	}, nil, r.ReceivedAt)
	up.Device, up.Protocol, up.Link, up.Fix = r.Device, r.Protocol, r.Link, r.Fix
	return []Update{up}
}

func said(r *devices.Report) string {
	switch {
	case r.Status != "":
		return string(r.Kind) + " " + string(r.Status) + " " + r.StatusCode
	case r.Text != "":
		return r.Text
	}
	return string(r.Kind)
}
