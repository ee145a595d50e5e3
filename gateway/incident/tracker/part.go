package tracker

import (
	"maps"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"

	"htgateway/devices"
	"htgateway/geo"
)

// part is a span with what the unit's keys and fixes say about it.
type part struct {
	span
	unit string
	// shared parts belong to a snapshot too and are copied before they change.
	shared bool

	places []*incident.Location
	area   *geo.Area
	rule   *geo.ArrivalRule
	stay   geo.Stay
	fed    mark // the own time of the fix that the watch judged last
	checks []check
	// unchecked counts the fixes since the last of checks.
	unchecked int
	// forgotten is set when the fixes are no longer kept: what they proved stands.
	forgotten bool

	record
	alerts map[string]incident.Alert
	raised []incident.Alert // those not given out yet
	// left is what was told about the incidents that this part was merged away from.
	left map[string]record
	// keyAt is when the on-scene key was pressed that the arrival rests on.
	keyAt time.Time
	// proof is the fix that the arrival by geofence is dated from.
	proof proof
}

// proof is what is to be known of a fix that proved something, also when the fix itself
// is kept no longer.
type proof struct {
	own    mark
	origin *origin
}

// record is what is known of a part's stages, as a reader of the updates has it.
type record struct {
	current map[incident.MilestoneName]*incident.Milestone
	// progress repeats, so it is a list by own time.
	progress []incident.Milestone
	// withdrawn are stages that are no longer believed to have been reached.
	withdrawn map[incident.MilestoneName]*incident.Milestone
}

func newRecord() record {
	return record{current: map[incident.MilestoneName]*incident.Milestone{}, withdrawn: map[incident.MilestoneName]*incident.Milestone{}}
}

func (r record) clone() record {
	return record{maps.Clone(r.current), r.progress, maps.Clone(r.withdrawn)}
}

// check is the watch as it was after the fix at own.
type check struct {
	own  mark
	stay geo.Stay
}

// checkEvery is after how many fixes the watch is kept, so that a late fix makes
// few of them be judged again.
const checkEvery = 256

func newPart(s span, unit string) *part {
	return &part{span: s, unit: unit, record: newRecord(), alerts: map[string]incident.Alert{}}
}

// clone copies the part; what grows is clipped, so that neither writes into the other.
func (p *part) clone() *part {
	c := *p
	c.shared = false
	c.record = p.record.clone()
	c.alerts, c.left = maps.Clone(p.alerts), maps.Clone(p.left)
	c.checks = slices.Clip(p.checks)
	return &c
}

// endless is later than all that a unit may tell of.
var endless = mark{at: time.Unix(1<<40, 0).UTC()}

// end is where what belongs to the part ends.
func (p *part) end() mark {
	if p.until.IsZero() {
		return endless
	}
	return mark{at: p.until}
}

// last is the newest of a unit's fixes that belongs to the part, nil when none does.
func (p *part) last(fixes *fixes) *told {
	for e := range fixes.before(p.end()) {
		if e.own.at.Before(p.from) {
			break
		}
		return e
	}
	return nil
}

// settleIn makes the part be judged by these places. Fixes are judged anew when
// they are others than before.
func (p *part) settleIn(rule *geo.ArrivalRule, places []*incident.Location, fixes *fixes) {
	if slices.Equal(p.places, places) {
		return
	}
	p.places = places
	if p.forgotten {
		return
	}
	p.area, p.checks, p.fed, p.stay = nil, nil, mark{}, geo.Stay{}
	if area := areaOf(places, rule.RadiusM); !area.IsZero() {
		p.area, p.rule = &area, rule
		p.rewind(fixes, mark{})
	}
}

func areaOf(places []*incident.Location, radiusM float64) geo.Area {
	var area geo.Area
	for _, l := range places {
		if !l.Vague(radiusM) {
			area = area.Or(l.ArrivalArea(radiusM))
		}
	}
	return area
}

// watch judges a fix that has just been filed among the unit's fixes.
func (p *part) watch(fixes *fixes, e *told) {
	if p.area == nil || p.forgotten && e.own.compare(p.fed) < 0 {
		return
	}
	if p.fed.compare(e.own) < 0 {
		p.look(e, fixes, mark{})
		return
	}
	p.rewind(fixes, e.own)
}

// rewatch judges again what a change of the part's ends lets in or takes out.
func (p *part) rewatch(fixes *fixes) {
	if p.area == nil || p.forgotten {
		return
	}
	if last := p.last(fixes); last == nil && p.fed == (mark{}) || last != nil && last.own == p.fed {
		return
	}
	if p.until.IsZero() || !p.fed.at.Before(p.until) {
		since := p.fed
		if !p.until.IsZero() {
			since = mark{at: p.until}
		}
		p.rewind(fixes, since)
		return
	}
	p.rewind(fixes, p.fed)
}

// rewind judges again from the fix at since on, and stops where the watch is as it
// was before.
func (p *part) rewind(fixes *fixes, since mark) {
	n, _ := slices.BinarySearchFunc(p.checks, since, func(c check, m mark) int { return c.own.compare(m) })
	old, fed, end := p.checks[n:], p.fed, p.stay
	p.checks = slices.Clip(p.checks[:n])
	p.stay, p.fed, p.unchecked = geo.NewStay(p.rule, p.area), mark{}, 0
	if n > 0 {
		p.stay, p.fed = p.checks[n-1].stay, p.checks[n-1].own
	}
	first, until, last := mark{at: p.from}, p.end().at, p.last(fixes)
	from := first
	if next := p.fed.next(); from.compare(next) < 0 {
		from = next
	}
	for e := range fixes.from(from) {
		if !e.own.at.Before(until) {
			break
		}
		p.look(e, fixes, first)
		if e.own.compare(since) < 0 {
			continue
		}
		for len(old) > 0 && old[0].own.compare(e.own) < 0 {
			old = old[1:]
		}
		if len(old) > 0 && old[0].own == e.own && p.stay.Converges(&old[0].stay) && fed == last.own {
			for _, c := range old {
				if c.own != e.own {
					p.checks = append(p.checks, check{c.own, p.stay.Rejoin(c.stay)})
				}
			}
			p.stay, p.fed = p.stay.Rejoin(end), fed
			return
		}
	}
}

// look judges one fix, the next by its own time, which may confirm one from first on.
func (p *part) look(e *told, fixes *fixes, first mark) {
	why, confirmed := p.stay.Feed(e.fix, e.own.at, e.own.id)
	p.fed = e.own
	fixes.judge(e, why)
	if confirmed {
		fixes.confirm(first, e.own)
	}
	if p.unchecked++; p.unchecked >= checkEvery {
		p.checks, p.unchecked = append(p.checks, check{e.own, p.stay}), 0
	}
}

// first returns the earliest key with a meaning in the part, at or after a time.
func (p *part) first(keys []*told, status devices.Status, notBefore time.Time) *told {
	for _, k := range keys {
		if k.pressed(status) && !k.own.at.Before(notBefore) {
			return k
		}
	}
	return nil
}

// keysOf is the range of a unit's acts and keys in the part.
func (p *part) keysOf(line []*told) []*told {
	from, _ := slices.BinarySearchFunc(line, mark{at: p.from}, byOwn)
	to, _ := slices.BinarySearchFunc(line, p.end(), byOwn)
	return line[from:max(from, to)]
}

// sortedAlerts lists the alerts in order of time and report.
func (p *part) sortedAlerts() []incident.Alert {
	return slices.SortedFunc(maps.Values(p.alerts), byTime)
}

func byTime(x, y incident.Alert) int {
	if c := (mark{x.At, x.Report}).compare(mark{y.At, y.Report}); c != 0 {
		return c
	}
	return strings.Compare(x.Kind+" "+x.Unit, y.Kind+" "+y.Unit)
}
