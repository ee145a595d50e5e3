package tracker

import (
	"slices"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// take brings the story on by one event, the newest in the order of knowledge, and
// returns what changed.
func (u *team) take(t *Tracker, e *told) []incident.Update {
	switch {
	case e.act != nil:
		return u.takeAct(t, e)
	case e.isFix():
		return u.takeFix(t, e)
	}
	return u.takeKey(t, e)
}

// hear notes how the device's clock stands.
func (u *team) hear(e *told) {
	if e.origin.clock != deviceClock || e.origin.away {
		return
	}
	i := slices.IndexFunc(u.clocks, func(c clock) bool { return c.device == e.origin.device })
	if i < 0 {
		i = len(u.clocks)
		u.clocks = append(u.clocks, clock{device: e.origin.device})
	}
	u.clocks[i].hear(e.known.at.Sub(e.at()))
}

func (u *team) offset(device devices.Identity) geo.Reading {
	for i := range u.clocks {
		if u.clocks[i].device == device {
			return u.clocks[i].offset()
		}
	}
	return geo.Reading{}
}

// switchedOn notes when a device came on.
func (u *team) switchedOn(e *told) {
	i := slices.IndexFunc(u.on, func(o poweredOn) bool { return o.device == e.origin.device })
	if i < 0 {
		i = len(u.on)
		u.on = append(u.on, poweredOn{device: e.origin.device})
	}
	at := e.known.at
	if e.origin.away {
		at = e.at()
	}
	if at.After(u.on[i].at) {
		u.on[i].at = at
	}
}

// onSlack is how much earlier than its switching on a radio's fix may be dated: its
// clock and the gateway's need not agree.
const onSlack = time.Minute

// aside is why a fix is not judged, whatever its place: for its time.
func (u *team) aside(e *told) geo.Exclusion {
	switch {
	case e.doubted:
		return e.why
	case e.origin.clock != deviceClock:
		return geo.Judged
	}
	for _, o := range u.on {
		if o.device == e.origin.device && e.own.at.Before(o.at.Add(-onSlack)) {
			return incident.BeforeOn
		}
	}
	return ""
}

func (u *team) takeFix(t *Tracker, e *told) []incident.Update {
	if e.on {
		u.switchedOn(e)
	}
	i := u.partAt(e.own.at)
	e.incident = ""
	if i >= 0 {
		e.incident = u.parts[i].incident()
	}
	if e.why = u.aside(e); e.why == "" {
		e.why = t.settings.Arrival.Usable(e.fix)
	}
	if e.why != "" {
		u.setAside[e.why]++
	}
	u.seen.see(e)
	if e.why == "" || !e.doubted && e.why != incident.BeforeOn {
		u.hear(e)
	}
	e.aside = e.why != ""
	if u.fixes.add(e); e.aside {
		return nil
	}
	beside := u.besideKeys(t, i, e)
	if i < 0 {
		return beside
	}
	p := u.mine(i)
	arrived, left := p.stay.Arrived(), p.stay
	p.watch(&u.fixes, e)
	_, wasParked := left.Parked()
	_, isParked := p.stay.Parked()
	nearKey := !p.keyAt.IsZero() && e.own.at.Sub(p.keyAt).Abs() <= fixSpan
	if p.stay.Arrived() == arrived && wasParked == isParked && !nearKey {
		return beside
	}
	return append(beside, u.settle(t, p, e)...)
}

// besideKeys settles the parts that a fix does not fall into and that have an arrival
// key pressed so near in time that the fix may say where.
func (u *team) besideKeys(t *Tracker, own int, e *told) []incident.Update {
	var out []incident.Update
	for i := len(u.parts) - 1; i >= 0; i-- {
		p := u.parts[i]
		if !p.until.IsZero() && e.own.at.Sub(p.until) > fixSpan {
			break
		}
		if i != own && !p.keyAt.IsZero() && e.own.at.Sub(p.keyAt).Abs() <= fixSpan {
			out = append(out, u.settle(t, u.mine(i), e)...)
		}
	}
	return out
}

// file1 files an event by its own time; usually it is the newest.
func file1(list []*told, e *told) []*told {
	if n := len(list); n == 0 || list[n-1].own.compare(e.own) < 0 {
		return append(list, e)
	}
	i, found := slices.BinarySearchFunc(list, e.own, byOwn)
	if found {
		return list
	}
	return slices.Insert(list, i, e)
}

func (u *team) takeKey(t *Tracker, e *told) []incident.Update {
	if e.on {
		u.switchedOn(e)
	}
	if e.fix == nil || e.fix.NoLock { // else the fix has told it
		u.hear(e)
	}
	out := u.rewalk(t, e)
	e.incident = ""
	i := u.partAt(e.own.at)
	if i >= 0 {
		e.incident = u.parts[i].incident()
	}
	for _, c := range e.said.cries {
		a := u.alertOf(c, e)
		if u.cries = append(u.cries, a); a.Kind == emergency {
			u.calls = append(u.calls, a)
		}
	}
	if i < 0 || e.said.status == "" {
		return out
	}
	return append(out, u.settle(t, u.mine(i), e)...)
}

func (u *team) takeAct(t *Tracker, e *told) []incident.Update {
	out := u.rewalk(t, e)
	switch e.act.Kind {
	case incident.ActCorrect, incident.ActRelocate, incident.ActMerge, incident.ActOpen, incident.ActReopen:
		from, to := t.sentBetween(t.file(e.act.Incident))
		for i := u.partsFrom(from); i < len(u.parts) && !u.parts[i].from.After(to); i++ {
			if slices.Contains(u.parts[i].path, e.act.Incident) {
				out = append(out, u.settle(t, u.mine(i), e)...)
			}
		}
	}
	return out
}

// floorBehind is how many of a unit's newest acts and keys are walked each time at least.
const floorBehind = 64

// rewalk files an act or a key and finds the unit's parts in incidents again. Parts
// whose ends moved are judged again.
func (u *team) rewalk(t *Tracker, e *told) []incident.Update {
	u.line = file1(u.line, e)
	early := u.floor > 0 && byOwn(u.line[u.floor-1], e.own) >= 0
	if e.act == nil && !e.pressed(devices.StatusCompleted) && !e.pressed(devices.StatusAvailable) {
		if early {
			u.floor++
		}
		return nil // keys of other meanings end nothing
	}
	if early {
		u.floor, u.floorSpans = 0, nil
	}
	stand := u.standing(t)
	if behind := len(u.line) - u.floor; behind > 3*t.floorBehind {
		to := len(u.line) - t.floorBehind
		u.floorSpans = slices.Concat(u.floorSpans[:stand], walk(u.line[u.floor:to], slices.Clone(u.floorSpans[stand:]), t.path))
		u.floor = to
	}
	spans := walk(u.line[u.floor:], slices.Clone(u.floorSpans[stand:]), t.path)
	return u.follow(t, stand, spans, e)
}

// standing is how many of the spans before the floor nothing after it can change: all
// but the last, and but those of incidents that are corrected, merged or reopened there.
// A unit has thousands of spans after some years: most are looked at once.
func (u *team) standing(t *Tracker) int {
	stand := max(0, len(u.floorSpans)-1)
	for _, e := range u.line[u.floor:] {
		if e.act == nil || e.act.Kind != incident.ActCorrect && e.act.Kind != incident.ActMerge && e.act.Kind != incident.ActReopen {
			continue
		}
		from, _ := t.sentBetween(t.file(e.act.Incident))
		for stand > 0 && !from.IsZero() && !u.floorSpans[stand-1].from.Before(from) {
			stand--
		}
	}
	return stand
}

// follow makes the parts from a place on be those of the spans; those before it stand.
func (u *team) follow(t *Tracker, stand int, spans []span, e *told) []incident.Update {
	var out []incident.Update
	same := 0
	for same < len(spans) && stand+same < len(u.parts) && spans[same].same(&u.parts[stand+same].span) {
		same++
	}
	if same == len(spans) && stand+same == len(u.parts) {
		return nil
	}
	old := u.parts[stand+same:]
	u.parts = slices.Clone(u.parts[:stand+same])
	for i := same; i < len(spans); i++ {
		s := spans[i]
		j := slices.IndexFunc(old, func(p *part) bool { return p.act == s.act })
		if j < 0 {
			p := newPart(s, u.ID)
			u.parts = append(u.parts, p)
			out = append(out, u.assigned(t, p, s.act, s.from, ""))
			if !s.until.IsZero() {
				out = append(out, u.released(t, p))
			}
			p.settleIn(&t.settings.Arrival, t.placesOf(s.path, e.known.at), &u.fixes)
			out = append(out, u.settle(t, p, e)...)
			continue
		}
		u.parts = append(u.parts, old[j])
		p := u.mine(len(u.parts) - 1)
		if p.span.same(&s) {
			continue
		}
		was := p.span
		p.span = s
		out = append(out, u.shifted(t, p, &was, e)...)
	}
	for _, p := range old {
		if !slices.ContainsFunc(u.parts[stand+same:], func(q *part) bool { return q.act == p.act }) {
			out = append(out, u.gone(t, p, e.known.at)...)
		}
	}
	return out
}

// shifted tells what a change of a part's ends or incident means.
func (u *team) shifted(t *Tracker, p *part, was *span, e *told) []incident.Update {
	var out []incident.Update
	if from, to := was.incident(), p.incident(); from != to {
		out = append(out, u.movedInto(t, p, from, e)...)
	}
	switch {
	case was.until.IsZero() && !p.until.IsZero(), !p.until.IsZero() && was.endBy != p.endBy:
		out = append(out, u.released(t, p))
	case !was.until.IsZero() && p.until.IsZero():
		out = append(out, u.assigned(t, p, e.own.id, e.own.at, "reopened"))
	}
	p.rewatch(&u.fixes)
	return append(out, u.settle(t, p, e)...)
}

// movedInto makes a part count in another incident, after a merger or its end: what
// was told about the one that it leaves stays, and the other is told everything.
func (u *team) movedInto(t *Tracker, p *part, from string, e *told) []incident.Update {
	_, back := p.left[p.incident()]
	told := p.record.clone()
	var out []incident.Update
	if p.left == nil {
		p.left = map[string]record{}
	}
	before := newRecord()
	if back {
		before = p.left[p.incident()]
		delete(p.left, p.incident())
	}
	if slices.Contains(p.path, from) {
		p.left[from] = told
	} else {
		out = append(out, u.tell(t, from, net(told, newRecord()), e.known.at)...)
	}
	out = append(out, u.assigned(t, p, e.own.id, e.own.at, "from "+from))
	return append(out, u.tell(t, p.incident(), net(before, told), e.known.at)...)
}

// settle derives the part's milestones again and tells what changed.
func (u *team) settle(t *Tracker, p *part, e *told) []incident.Update {
	if e.act != nil {
		p.settleIn(&t.settings.Arrival, t.placesOf(p.path, e.known.at), &u.fixes)
	}
	keys := p.keysOf(u.line)
	revisions := revise(p.record, u.judge(t, p, keys, e), e, p.reason)
	progress := p.inProgress(keys, t.settings.RetryWindow)
	revisions = append(revisions, progressed(p.progress, progress)...)
	p.progress = progress
	out := u.tell(t, p.incident(), revisions, e.known.at)
	for _, a := range p.raised {
		out = append(out, t.alertUpdate(a, u, e.known.at))
	}
	p.raised = nil
	return out
}
