package tracker

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// How key and geofence are weighed against each other.
const (
	// farAwayM: a key pressed farther from the scene than this, in metres, is
	// contradicted by the fix.
	farAwayM = 1000
	// fixSpan is how old a fix may be to say where a key was pressed.
	fixSpan = 2 * time.Minute
	// agreeWithin is how far key and geofence may lie apart to be the same arrival: who reads
	// "confirmed" may take the time for right to within this.
	agreeWithin = 3 * time.Minute
)

// How sure an arrival is.
const (
	sureConfirmed = 1.0
	// sureUnsure is of a time by a clock that may be wrong, and of one before which nothing was
	// heard for minutes.
	sureUnsure   = 0.5
	sureConflict = 0.3
)

// askedKey is an on-scene key whose device's fixes were asked where it was pressed.
type askedKey struct {
	pressed orderKey
	device  devices.Identity
	farM    float64 // metres from the scene, where that contradicts the key, else 0
}

// witness is what says when a unit arrived: a key, or a fix inside the geofence.
type witness struct {
	incident.Milestone
	// unsure is set of a time by a clock that may be wrong. A key was then pressed when its
	// device says, and kept for a while, or when it was received, and the clock is wrong.
	unsure   bool
	received time.Time
	// late is set of a fence before which nothing was heard for minutes: it may be that much
	// too late.
	late bool
}

func (w *witness) exists() bool { return !w.At.IsZero() }

// arrival weighs the two witnesses: the first of key and geofence sets the time, the second
// confirms or contradicts it, and the record keeps both. A key that was pressed far from the
// scene sets it only while nothing else proves an arrival.
func (u *unitTimeline) arrival(t *Tracker, p *assignment, keys []observation, e observation) (incident.Milestone, bool) {
	byFence := u.fenceWitness(p, e)
	first, key := u.askKeys(t, p, keys, byFence.At)
	if at := p.parkedWithoutKey(first, t.settings.Arrival.Parked); at != (orderKey{}) && !p.corrected(incident.OnScene) {
		p.alertOnce("parked_no_key", at, "lima menit di lokasi tanpa tombol / five minutes at the scene without a key")
	}
	byKey := u.keyWitness(p, key)
	m := weigh(&byKey, &byFence)
	if first == key {
		return m, !m.At.IsZero()
	}
	far := p.byKey(first, incident.OnScene)
	if m.At.IsZero() {
		m = far
	} else {
		m.Other = &incident.Witness{At: far.At, Evidence: far.Evidence, Report: far.Report}
		m.DifferenceS = geo.Measured(far.At.Sub(m.At).Seconds())
	}
	m.Verdict, m.Confidence = incident.Conflict, sureConflict
	return m, true
}

// askKeys finds the first on-scene key of the assignment, and the first that was not pressed far
// from the scene. Keys after an arrival that is proven otherwise are not asked but for the first.
func (u *unitTimeline) askKeys(t *Tracker, p *assignment, keys []observation, proven time.Time) (first, near observation) {
	p.asked = nil
	for _, k := range keys {
		if !k.pressed(devices.StatusOnScene) || k.Own.At.Before(p.from) {
			continue
		}
		if first.exists() && !proven.IsZero() && k.at().After(proven) {
			break
		}
		farM, contradicted := u.farAway(t, k, p)
		asked := askedKey{pressed: k.when(), device: k.Origin.Device}
		if contradicted {
			asked.farM = farM
		}
		if p.asked = append(p.asked, asked); !first.exists() {
			if first = k; contradicted {
				p.alert("key_far_away", k.when(), fmt.Sprintf("tombol \"tiba\" ditekan %.1f km dari lokasi / on-scene key pressed %.1f km from the scene", farM/1000, farM/1000))
			}
		}
		if !contradicted {
			return first, k
		}
	}
	return first, near
}

// weigh is the arrival by a key and by the geofence, of which one may be missing. A key whose
// clock may be wrong does not set the time where the fence, by a clock that is not in doubt, agrees with either
// of the times at which it may have been pressed.
func weigh(key, fence *witness) incident.Milestone {
	switch {
	case !key.exists() && !fence.exists():
		return incident.Milestone{}
	case !fence.exists():
		return key.alone()
	case !key.exists():
		return fence.alone()
	}
	first, second := key, fence
	if fence.At.Before(key.At) {
		first, second = fence, key
	}
	apart := key.At.Sub(fence.At).Abs() > agreeWithin
	verdict, confidence := incident.Confirmed, sureConfirmed
	switch {
	case key.unsure && !fence.unsure && !apart:
		first, second = fence, key
	case key.unsure && !fence.unsure && key.received.Sub(fence.At).Abs() <= agreeWithin:
		first, second, confidence = fence, key, sureUnsure
	case apart:
		verdict, confidence = incident.Conflict, sureConflict
	case key.unsure: // and the fence too
		confidence = sureUnsure
	}
	if first.late {
		confidence = min(confidence, sureUnsure)
	}
	m := first.Milestone
	m.Verdict, m.Confidence = verdict, confidence
	m.DifferenceS = geo.Measured(second.At.Sub(m.At).Seconds())
	m.Other = &incident.Witness{At: second.At, Evidence: second.Evidence, Report: second.Report}
	return m
}

// alone is the arrival that only this witness knows of.
func (w *witness) alone() incident.Milestone {
	m := w.Milestone
	if w.unsure || w.late {
		m.Confidence = sureUnsure
	}
	return m
}

func (u *unitTimeline) keyWitness(p *assignment, k observation) witness {
	if !k.exists() {
		return witness{}
	}
	w := witness{Milestone: p.byKey(k, incident.OnScene), received: k.statement.received}
	w.Verdict = incident.KeyOnly
	w.unsure = w.Clock == deviceClock && k.Origin.Unsure
	return w
}

// fenceWitness is the arrival that the fixes prove.
func (u *unitTimeline) fenceWitness(p *assignment, e observation) witness {
	fenced := p.arrivedByFixes()
	if fenced.IsZero() {
		return witness{}
	}
	w := witness{Milestone: incident.Milestone{
		Name: incident.OnScene, Unit: u.ID, At: fenced.At, Evidence: incident.ByGeofence, Report: fenced.By,
		Confidence: 0.8, KnownAt: e.Known.At, Clock: deviceClock, Verdict: incident.GPSOnly,
	}}
	w.late = p.seldomHeard(fenced)
	at := keyAt(fenced.At, fenced.By)
	if e := u.fixes.Find(at); e != nil && !e.Aside {
		p.proof = proof{e.Own, e.Origin}
	}
	if by := p.proof.origin; by != nil && p.proof.own == at {
		w.Clock, w.Device, w.Assurance = by.Clock, by.Device, by.Assurance
		corrected(&w.Milestone, by.Shift)
		w.unsure = by.Unsure
	}
	return w
}

// farAway tells how far from the scene a key was pressed, and whether that contradicts it. Only
// the device that sent the key can say: where another one of the unit is, at the base or with
// somebody who walked on, says nothing of where the key was pressed.
func (u *unitTimeline) farAway(t *Tracker, k observation, p *assignment) (metres float64, contradicted bool) {
	if p.area == nil {
		return 0, false
	}
	fix := u.nearestFix(&t.settings.Arrival, k.Origin.Device, k.at())
	if fix == nil {
		for _, a := range p.askedFar {
			if a.pressed == k.when() {
				return a.farM, true
			}
		}
		return 0, false
	}
	metres = p.area.Outside(fix.Point) - fix.AccuracyM.Or(0)
	return metres, metres > farAwayM
}

// nearestFix is the fix of a device closest in time to t, the later of two, nil when there is
// none near. One that is an impossible jump from the fix before and is not confirmed by the one
// after is not believed; only fixes near t are asked, so that no others can change the answer.
func (u *unitTimeline) nearestFix(rule *geo.ArrivalRule, device devices.Identity, t time.Time) *geo.Fix {
	var near []*fixlog.Entry
	for e := range u.fixes.From(orderKey{At: t.Add(-fixSpan)}) {
		if e.Own.At.Sub(t) > fixSpan {
			break
		}
		if e.Origin.Device == device {
			near = append(near, e)
		}
	}
	jumps := func(i int) bool {
		a, b := near[i], near[i+1]
		return rule.Jump(a.Fix.Point, b.Fix.Point, b.Own.At.Sub(a.Own.At))
	}
	var best *fixlog.Entry
	for i, e := range near {
		if i > 0 && jumps(i-1) && (i+1 == len(near) || jumps(i)) {
			continue
		}
		if best == nil || e.Own.At.Sub(t).Abs() <= best.Own.At.Sub(t).Abs() {
			best = e
		}
	}
	if best == nil {
		return nil
	}
	return best.Fix
}
