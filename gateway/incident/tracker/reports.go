package tracker

import (
	"fmt"
	"strings"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// report takes one report of one device.
func (t *Tracker) report(r *devices.Report) []incident.Update {
	u := t.speaker(r)
	if u == nil {
		return t.stranger(r)
	}
	if t.devices[r.Device] == nil { // it was the unit's when it said this
		t.noteStranger(r)
	}
	u.present1(r)
	fix, key := u.tolds(r)
	var own, out []incident.Update
	if fix != nil {
		var learned []incident.Update
		shown := u.sighting().by
		if r.Retained {
			u.retained.see(fix)
		} else {
			learned = u.learn(t, fix)
		}
		up := u.fixUpdate(t, fix)
		up.Newest = shown != fix.own && u.sighting().by == fix.own
		if key == nil {
			return t.lead(up, learned)
		}
		own, out = append(own, up), learned
	}
	if key != nil && !r.Retained {
		learned := u.learn(t, key)
		own = append(own, u.keyUpdates(t, key)...)
		out = append(out, learned...)
	}
	return append(own, out...)
}

// sighting is what the unit's marker shows: a retained message does until something
// newer is told.
func (u *team) sighting() *sighting {
	if u.seen.by.compare(u.retained.by) < 0 {
		return &u.retained
	}
	return &u.seen
}

// lead puts an update before others. Most fixes change nothing else: their one
// update stands in a place that is used again, so that folding makes no garbage.
func (t *Tracker) lead(up incident.Update, to []incident.Update) []incident.Update {
	if len(to) == 0 {
		t.lone[0] = up
		return t.lone[:]
	}
	return append([]incident.Update{up}, to...)
}

// present1 brings up to date what is only about now.
func (u *team) present1(r *devices.Report) {
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
	heard := mark{r.ReceivedAt, r.ID}
	if heard.compare(u.heardBy) <= 0 {
		return
	}
	u.heardBy, u.state.HeardAt, u.state.Link = heard, r.ReceivedAt, r.Link
	if pct, known := r.BatteryPct.Value(); known && pct >= 0 && pct <= 100 {
		u.state.BatteryPct = r.BatteryPct
	}
}

// tolds splits a report into its fix and what its key, words or alarm say; the key
// comes after its own fix.
func (u *team) tolds(r *devices.Report) (fix, key *told) {
	if r.HasLiveFix() {
		at, clock, doubt := fixTime(r)
		fix = &told{
			known: mark{r.KnownAt(), r.ID}, own: mark{at, r.ID}, origin: u.origin(r, clock),
			fix: r.Fix, why: doubt, doubted: doubt != "", on: r.PowerOn,
		}
	}
	cries := u.criesOf(r)
	words := r.Text != "" && r.Kind != devices.KindAck && r.Kind != devices.KindObject
	if r.Status == "" && len(cries) == 0 && !words && (fix != nil || !r.PowerOn) {
		return fix, nil
	}
	at, clock := pressTime(r)
	key = &told{
		known: mark{r.KnownAt(), r.ID + "/key"}, own: mark{ownTime(at, r.ReceivedAt), r.ID}, origin: u.origin(r, clock),
		said: &said{stamp: at, status: r.Status, code: r.StatusCode, cries: cries}, on: r.PowerOn, fix: r.Fix,
	}
	if words {
		key.said.text = r.Text
	}
	return fix, key
}

// origin is the one value for reports that come this way and by this clock.
func (u *team) origin(r *devices.Report, clock string) *origin {
	for _, o := range u.origins {
		if o.device == r.Device && o.assurance == r.Assurance && o.link == r.Link && o.protocol == r.Protocol && o.clock == clock {
			return o
		}
	}
	o := &origin{r.Device, r.Assurance, r.Protocol, r.Link, clock, r.Site != ""}
	u.origins = append(u.origins, o)
	return o
}

// criesOf are the alerts that a report raises by itself. A radio may tell that its
// emergency is over; only a person may close it.
func (u *team) criesOf(r *devices.Report) []cry {
	var out []cry
	switch r.Status {
	case devices.StatusOther:
		out = append(out, cry{"unknown_code", fmt.Sprintf("kode %s belum dipetakan / code %s is not mapped", r.StatusCode, r.StatusCode)})
	case devices.StatusNeedsAssistance:
		out = append(out, cry{"needs_assistance", "minta bantuan / needs assistance"})
	}
	if r.Emergency {
		return append(out, cry{emergency, strings.TrimSuffix("DARURAT / EMERGENCY: "+r.Remark(), ": ")})
	}
	if r.StatusCode == "" {
		return out
	}
	if remark := r.Remark(); remark != "" {
		out = append(out, cry{"radio_state", remark})
	}
	return out
}

func (u *team) alertOf(c cry, e *told) incident.Alert {
	a := incident.Alert{Kind: c.kind, Unit: u.ID, Incident: e.incident, At: e.at(), Report: e.own.id, Text: u.CallSign + ": " + c.text}
	a.ID = alertID(&a)
	return a
}

// base starts an update about a report.
func (u *team) base(t *Tracker, kind incident.UpdateKind, e *told) incident.Update {
	up := t.about(kind, e.incident, u, e.at(), e.own.id)
	up.ID = updateID(kind, e.own.id)
	up.KnownAt, up.Device, up.Assurance = e.known.at, e.origin.device, e.origin.assurance
	up.Protocol, up.Link = e.origin.protocol, e.origin.link
	return up
}

func (u *team) fixUpdate(t *Tracker, e *told) incident.Update {
	up := u.base(t, incident.UpdateFix, e)
	up.Fix, up.SetAside = e.fix, e.why
	if e.fix.Forgotten {
		up.Fix = nil
	}
	return up
}

// keyUpdates tell about a key, words and alarms, and note the unit's status.
func (u *team) keyUpdates(t *Tracker, e *told) []incident.Update {
	var out []incident.Update
	if e.said.status != "" {
		up := u.base(t, incident.UpdateStatus, e)
		up.Status, up.StatusCode, up.Fix = e.said.status, e.said.code, e.fix
		if u.statusBy.compare(e.own) < 0 {
			u.statusBy, u.state.Status, u.state.StatusAt = e.own, e.said.status, e.at()
			up.Newest = true
		}
		out = append(out, up)
	}
	for _, c := range e.said.cries {
		out = append(out, t.alertUpdate(u.alertOf(c, e), u, e.known.at))
	}
	if e.said.text != "" {
		up := u.base(t, incident.UpdateMessage, e)
		up.Text = e.said.text
		out = append(out, up)
	}
	return out
}

// echo tells again about an event that belongs to another incident than was thought.
func (u *team) echo(t *Tracker, e *told) []incident.Update {
	switch {
	case e.act != nil:
		return nil
	case e.isFix():
		return []incident.Update{u.fixUpdate(t, e)}
	}
	return u.keyUpdates(t, e)
}

// stranger takes what a device said that belonged to no unit. Its words are kept in the
// journal; an emergency is shown at once, whoever claims it.
func (t *Tracker) stranger(r *devices.Report) []incident.Update {
	if r.Device == "" {
		return nil
	}
	s := t.noteStranger(r)
	if !r.Emergency || r.Retained {
		return nil
	}
	s.AnEmergency = true
	at, _ := pressTime(r)
	a := incident.Alert{
		Kind: emergency, At: at, Report: r.ID,
		Text: fmt.Sprintf("%s (tidak terdaftar / not on the roster): DARURAT / EMERGENCY", r.Device),
	}
	a.ID = alertID(&a)
	t.unowned = append(t.unowned, a)
	up := t.alertUpdate(a, nil, r.KnownAt())
	up.Device, up.Protocol, up.Link, up.Fix = r.Device, r.Protocol, r.Link, r.Fix
	return []incident.Update{up}
}

// noteStranger lists a device that belongs to no unit now, with what it said last.
func (t *Tracker) noteStranger(r *devices.Report) *incident.UnknownDevice {
	s := t.strange[r.Device]
	if s == nil {
		s = &incident.UnknownDevice{Device: r.Device, FirstHeard: r.ReceivedAt}
		t.strange[r.Device] = s
	}
	s.Reports++
	if r.ReceivedAt.Before(s.FirstHeard) {
		s.FirstHeard = r.ReceivedAt
	}
	if r.ReceivedAt.After(s.LastHeard) {
		s.LastHeard, s.LastLink, s.LastSaid = r.ReceivedAt, r.Link, lastWords(r)
		if r.HasLiveFix() && !r.Fix.Forgotten {
			s.LastFix = r.Fix
		}
	}
	return s
}

func lastWords(r *devices.Report) string {
	switch {
	case r.Status != "":
		return string(r.Kind) + " " + string(r.Status) + " " + r.StatusCode
	case r.Text != "":
		return r.Text
	}
	return string(r.Kind)
}
