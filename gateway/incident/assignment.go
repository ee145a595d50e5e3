package incident

import (
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// assignment is one unit's part in one incident, from being sent until it is
// taken off, the incident is closed, or it is sent elsewhere.
type assignment struct {
	incident string
	unit     string
	act      string // the dispatching act
	by       string
	source   Evidence
	from     time.Time
	until    time.Time // zero while it lasts
	ended    string    // why it ended

	keys        []press // by own time
	fixes       []sighting
	stay        geo.Stay
	located     bool
	corrections []correction

	current map[MilestoneName]*Milestone
	// progress repeats, so it is a list by own time.
	progress []Milestone
	alerts   map[string]Alert
}

// press is one status key.
type press struct {
	mark
	status  devices.Status
	code    string
	knownAt time.Time
	clock   string
	fix     *geo.Fix
}

// sighting is one fix.
type sighting struct {
	mark
	fix     *geo.Fix
	knownAt time.Time
}

// correction is a time that the dispatcher set by hand.
type correction struct {
	mark   // when it was made, and the act
	name   MilestoneName
	at     time.Time
	by     string
	reason string
}

func (a *assignment) covers(t time.Time) bool {
	return !t.Before(a.from) && (a.until.IsZero() || t.Before(a.until))
}

// addKey files a key by its own time.
func (a *assignment) addKey(p press) {
	i, found := slices.BinarySearchFunc(a.keys, p.mark, func(k press, m mark) int { return k.compare(m) })
	if !found {
		a.keys = slices.Insert(a.keys, i, p)
	}
}

// addFix files a fix by its own time and feeds the watch; a fix that comes late
// makes the watch run again over all of them.
func (a *assignment) addFix(s sighting, rule geo.ArrivalRule, place *Location) {
	i, found := slices.BinarySearchFunc(a.fixes, s.mark, func(f sighting, m mark) int { return f.compare(m) })
	if found {
		return
	}
	a.fixes = slices.Insert(a.fixes, i, s)
	if i == len(a.fixes)-1 && a.located {
		a.stay.Feed(s.fix, s.at, s.id)
		return
	}
	a.watch(rule, place)
}

// watch runs the arrival judgement again over all fixes.
func (a *assignment) watch(rule geo.ArrivalRule, place *Location) {
	a.located = place != nil
	if place == nil {
		return
	}
	a.stay = geo.NewStay(rule, place.Point(), place.RadiusM)
	for _, s := range a.fixes {
		a.stay.Feed(s.fix, s.at, s.id)
	}
}

// first returns the earliest key with a meaning, at or after a time.
func (a *assignment) first(status devices.Status, notBefore time.Time) (press, bool) {
	for _, k := range a.keys {
		if k.status == status && !k.at.Before(notBefore) {
			return k, true
		}
	}
	return press{}, false
}

// nearestFix is the live fix closest in time to t, within the given span.
func (a *assignment) nearestFix(t time.Time, span time.Duration) *geo.Fix {
	i, _ := slices.BinarySearchFunc(a.fixes, t, func(f sighting, t time.Time) int { return f.at.Compare(t) })
	var best *geo.Fix
	for _, j := range []int{i - 1, i} {
		if j < 0 || j >= len(a.fixes) || a.fixes[j].fix.NoLock {
			continue
		}
		if d := a.fixes[j].at.Sub(t).Abs(); d <= span {
			best, span = a.fixes[j].fix, d
		}
	}
	return best
}

// sortedAlerts lists the alerts in order of time and report.
func (a *assignment) sortedAlerts() []Alert {
	return slices.SortedFunc(maps.Values(a.alerts), func(x, y Alert) int {
		if c := (mark{x.At, x.Report}).compare(mark{y.At, y.Report}); c != 0 {
			return c
		}
		return strings.Compare(x.Kind, y.Kind)
	})
}
