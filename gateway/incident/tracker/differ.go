package tracker

import (
	"maps"
	"slices"
	"time"

	"htgateway/gateway/incident"
)

// differ tells a reader of the story before what it must know to have the present
// one.
func (u *team) differ(t *Tracker, before *story, moved []*told, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, o := range moved {
		out = append(out, u.echo(t, o)...)
	}
	// What is told again is mostly the newest of many parts.
	same := 0
	for same < len(u.parts) && same < len(before.parts) && u.parts[same] == before.parts[same] {
		same++
	}
	now, then := u.parts[same:], before.parts[same:]
	for _, p := range now {
		i := slices.IndexFunc(then, func(q *part) bool { return q.act == p.act })
		if i < 0 {
			out = append(out, u.assigned(t, p, p.act, p.from, ""))
			if !p.until.IsZero() {
				out = append(out, u.released(t, p))
			}
			out = append(out, u.compare(t, newPart(p.span, u.ID), p, knownAt)...)
			continue
		}
		q := then[i]
		if q == p {
			continue
		}
		switch {
		case !p.until.IsZero() && q.endBy != p.endBy:
			out = append(out, u.released(t, p))
		case p.until.IsZero() && !q.until.IsZero(), p.incident() != q.incident():
			out = append(out, u.assigned(t, p, p.act, knownAt, "again"))
		}
		out = append(out, u.compare(t, q, p, knownAt)...)
	}
	for _, q := range then {
		if !slices.ContainsFunc(now, func(p *part) bool { return q.act == p.act }) {
			out = append(out, u.gone(t, q, knownAt)...)
		}
	}
	return out
}

// compare tells the difference between two tellings of one part.
func (u *team) compare(t *Tracker, old, now *part, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, id := range slices.Sorted(maps.Keys(old.toldOf())) {
		is, has := now.toldOf()[id]
		if !has {
			is = newRecord()
		}
		out = append(out, u.tell(t, id, net(old.toldOf()[id], is), knownAt)...)
	}
	for _, id := range slices.Sorted(maps.Keys(now.toldOf())) {
		if _, had := old.toldOf()[id]; !had {
			out = append(out, u.tell(t, id, net(newRecord(), now.toldOf()[id]), knownAt)...)
		}
	}
	for _, a := range now.sortedAlerts() {
		if _, had := old.alerts[a.ID]; !had {
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	for _, a := range old.sortedAlerts() {
		if _, still := now.alerts[a.ID]; !still {
			a.Withdrawn = true
			out = append(out, t.alertUpdate(a, u, knownAt))
		}
	}
	return out
}

// toldOf is what readers were told, by incident.
func (p *part) toldOf() map[string]record {
	out := map[string]record{p.incident(): p.record}
	for id, r := range p.left {
		out[id] = r
	}
	return out
}

// gone tells that a unit was never sent to an incident, as it turns out.
func (u *team) gone(t *Tracker, p *part, knownAt time.Time) []incident.Update {
	up := t.about(incident.UpdateReleased, p.incident(), u, p.from, p.act)
	up.ID, up.Text, up.KnownAt = updateID(incident.UpdateReleased, p.incident(), u.ID, p.act, "withdrawn"), "withdrawn", knownAt
	none := newPart(p.span, u.ID)
	return append([]incident.Update{up}, u.compare(t, p, none, knownAt)...)
}

func (u *team) assigned(t *Tracker, p *part, by string, at time.Time, why string) incident.Update {
	up := t.about(incident.UpdateAssigned, p.incident(), u, at, by)
	up.ID, up.By, up.Text = updateID(incident.UpdateAssigned, p.incident(), u.ID, p.act, by, why), p.by, why
	return up
}

func (u *team) released(t *Tracker, p *part) incident.Update {
	up := t.about(incident.UpdateReleased, p.incident(), u, p.until, p.endBy)
	up.ID, up.By, up.Text = updateID(incident.UpdateReleased, p.incident(), u.ID, p.act, p.endBy), p.ender, p.ended
	return up
}

// tell makes updates of revisions.
func (u *team) tell(t *Tracker, incidentID string, revisions []revision, knownAt time.Time) []incident.Update {
	var out []incident.Update
	for _, r := range revisions {
		out = append(out, t.milestoneUpdate(incidentID, u, r, knownAt))
	}
	return out
}
