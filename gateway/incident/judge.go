package incident

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// How key and geofence are weighed against each other.
const (
	// farAwayM: a key pressed farther from the scene than this, in metres, is
	// contradicted by the fix.
	farAwayM = 1000
	// fixSpan is how old a fix may be to say where a key was pressed.
	fixSpan = 2 * time.Minute
	// parkedNoKey is how long a unit may stand at the scene before the
	// dispatcher is told that no key came.
	parkedNoKey = 5 * time.Minute
)

// Verdicts on an arrival.
const (
	Confirmed = "confirmed"
	KeyOnly   = "key_only"
	GPSOnly   = "gps_only"
	Conflict  = "conflict"
)

// judge derives the assignment's milestones from what is known of it now.
// Everything comes from the unit's own keys and fixes, in the order of their own
// time; a stage without evidence stays missing.
func (a *assignment) judge(s *Settings, place *Location) map[MilestoneName]Milestone {
	out := map[MilestoneName]Milestone{
		Dispatched: {Name: Dispatched, Unit: a.unit, At: a.from, Evidence: a.source, Report: a.act, Confidence: 1, KnownAt: a.from, Clock: gatewayClock},
	}
	if arrival, reached := a.arrival(s, place); reached {
		out[OnScene] = arrival
	}
	if k, pressed := a.first(devices.StatusAcknowledged, a.from); pressed {
		out[Acknowledged] = k.milestone(Acknowledged, a.unit)
	}
	if k, pressed := a.first(devices.StatusEnRoute, a.from); pressed {
		if on, reached := out[OnScene]; reached && k.at.After(on.At) {
			a.alert("out_of_order", k.mark, "tombol \"menuju lokasi\" ditekan setelah tiba / en-route key pressed after arrival")
		} else {
			out[EnRoute] = k.milestone(EnRoute, a.unit)
		}
	}
	if done, pressed := a.completion(out[OnScene].At); pressed {
		out[Completed] = done
	}
	for _, c := range a.corrections {
		if c.name == InProgress {
			continue
		}
		out[c.name] = Milestone{
			Name: c.name, Unit: a.unit, At: c.at, Evidence: ByDispatcher, Report: c.id,
			Confidence: 1, KnownAt: c.mark.at, Clock: gatewayClock, Verdict: out[c.name].Verdict,
		}
	}
	return out
}

func (p press) milestone(name MilestoneName, unit string) Milestone {
	m := Milestone{Name: name, Unit: unit, At: p.at, Evidence: ByKey, Report: p.id, Confidence: 0.9, KnownAt: p.knownAt, Clock: p.clock}
	if p.clock == gatewayClock {
		m.Confidence = 0.8
	}
	return m
}

// arrival weighs the two witnesses: the first of key and geofence sets the time,
// the second confirms or contradicts it, and the record keeps both.
func (a *assignment) arrival(s *Settings, place *Location) (Milestone, bool) {
	key, pressed := a.first(devices.StatusOnScene, a.from)
	fenced := a.stay.Arrived()
	byKey := key.milestone(OnScene, a.unit)
	byFence := Milestone{
		Name: OnScene, Unit: a.unit, At: fenced.At, Evidence: ByGeofence, Report: fenced.By,
		Confidence: 0.8, KnownAt: a.knownAt(fenced.ProvenBy), Clock: deviceClock, Verdict: GPSOnly,
	}
	farM, contradicted := 0.0, false
	if pressed && place != nil {
		farM, contradicted = a.farAway(key, s, place)
	}
	if contradicted {
		a.alert("key_far_away", key.mark, fmt.Sprintf("tombol \"tiba\" ditekan %.1f km dari lokasi / on-scene key pressed %.1f km from the scene", farM/1000, farM/1000))
	}
	if !fenced.IsZero() && a.stay.ParkedFor() >= parkedNoKey && (!pressed || key.at.Sub(fenced.At) >= parkedNoKey) {
		a.alert("parked_no_key", mark{fenced.At.Add(parkedNoKey), fenced.By}, "lima menit di lokasi tanpa tombol / five minutes at the scene without a key")
	}
	switch {
	case !pressed && fenced.IsZero():
		return Milestone{}, false
	case fenced.IsZero():
		byKey.Verdict = KeyOnly
		if contradicted {
			byKey.Verdict, byKey.Confidence = Conflict, 0.3
		}
		return byKey, true
	case !pressed:
		return byFence, true
	}
	verdict, confidence := Confirmed, 1.0
	if contradicted {
		verdict, confidence = Conflict, 0.3
	}
	first, second := byKey, byFence
	if fenced.At.Before(key.at) {
		first, second = byFence, byKey
	}
	first.Verdict, first.Confidence = verdict, confidence
	first.Other = &Witness{At: second.At, Evidence: second.Evidence, Report: second.Report}
	return first, true
}

// knownAt is when the gateway had the fix that completed the dwell.
func (a *assignment) knownAt(report string) time.Time {
	for i := len(a.fixes) - 1; i >= 0; i-- {
		if a.fixes[i].id == report {
			return a.fixes[i].knownAt
		}
	}
	return time.Time{}
}

// farAway tells how far from the scene a key was pressed, and whether that
// contradicts it.
func (a *assignment) farAway(k press, s *Settings, place *Location) (metres float64, contradicted bool) {
	fix := k.fix
	if fix == nil || s.Arrival.Usable(fix) != geo.Judged {
		fix = a.nearestFix(k.at, fixSpan)
	}
	if fix == nil || s.Arrival.Usable(fix) != geo.Judged {
		return 0, false
	}
	metres = geo.Distance(fix.Point, place.Point())
	return metres, metres > farAwayM && metres > place.RadiusM*s.Arrival.LeaveFactor
}

// completion is the first "completed" after arrival. One pressed before arrival
// makes no sense: it stands until a better one comes, with little confidence,
// and the dispatcher is asked.
func (a *assignment) completion(onScene time.Time) (Milestone, bool) {
	early, pressed := a.first(devices.StatusCompleted, a.from)
	if !pressed {
		return Milestone{}, false
	}
	good, found := early, !onScene.IsZero()
	if found {
		good, found = a.first(devices.StatusCompleted, onScene)
	}
	if good.id != early.id || !found {
		a.alert("out_of_order", early.mark, "tombol \"selesai\" ditekan sebelum tiba / completed key pressed before arrival")
	}
	if found {
		return good.milestone(Completed, a.unit), true
	}
	m := early.milestone(Completed, a.unit)
	m.Confidence = 0.3
	return m, true
}

// inProgress lists the reports of progress, a key that the radio repeats until
// it is acknowledged counting once.
func (a *assignment) inProgress(retry time.Duration) []Milestone {
	var out []Milestone
	for _, k := range a.keys {
		if k.status != devices.StatusInProgress {
			continue
		}
		if n := len(out); n > 0 && k.at.Sub(out[n-1].At) < retry {
			continue
		}
		out = append(out, k.milestone(InProgress, a.unit))
	}
	for _, c := range a.corrections {
		if c.name == InProgress {
			out = append(out, Milestone{Name: InProgress, Unit: a.unit, At: c.at, Evidence: ByDispatcher, Report: c.id, Confidence: 1, KnownAt: c.mark.at, Clock: gatewayClock})
		}
	}
	return out
}

// alert raises something for the dispatcher, once for each report behind it.
func (a *assignment) alert(kind string, m mark, text string) {
	a.alerts[kind+" "+m.id] = Alert{Kind: kind, Unit: a.unit, Incident: a.incident, At: m.at, Report: m.id, Text: text}
}
