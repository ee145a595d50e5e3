package tracker

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// deviceStay is the judgement of one device's fixes in an assignment. Each device of a unit has
// a track of its own: a phone that was left at the base makes no fix of the engine's radio
// impossible, and a crew that walks on with one does not end the engine's stay.
type deviceStay struct {
	device      devices.Identity
	stay        geo.Stay
	fedUpTo     orderKey // the own time of the fix that was judged last
	checkpoints []stayCheckpoint
	// checkpointAt is how many fixes of the assignment had passed at the last of checkpoints.
	checkpointAt int
}

// stayCheckpoint is the judgement of the stay as it was after the fix at own.
type stayCheckpoint struct {
	own  orderKey
	stay geo.Stay
}

// stayCheckpointEvery is after how many fixes of all devices a copy of a device's judgement is
// made, so that a late fix of one that tells its place seldom makes few be looked at again.
const stayCheckpointEvery = 256

// finding is what the fixes of one device prove: that it arrived, and by which fix it had stood
// at the place for long; a zero time when it did not.
type finding struct {
	arrived  geo.Arrival
	parkedAt time.Time
	parkedBy string
}

func (s *deviceStay) finding() finding {
	f := finding{arrived: s.stay.Arrived()}
	f.parkedAt, f.parkedBy = s.stay.Parked()
	return f
}

// findings are those of all devices that arrived, of fixes that are no longer kept too.
func (p *assignment) findings() []finding {
	out := slices.Clip(p.found)
	for i := range p.stays {
		if f := p.stays[i].finding(); !f.arrived.IsZero() {
			out = append(out, f)
		}
	}
	return out
}

// arrivedByFixes is the unit's arrival as its fixes prove it, zero when they do not: that of the
// first of its devices.
func (p *assignment) arrivedByFixes() geo.Arrival {
	var first geo.Arrival
	for _, f := range p.findings() {
		if first.IsZero() || keyAt(f.arrived.At, f.arrived.By).Compare(keyAt(first.At, first.By)) < 0 {
			first = f.arrived
		}
	}
	return first
}

// seldomHeard tells whether so little was heard before the unit's arrival by its fixes that it may
// have been there minutes before: of each device that came with it, the fix before is long ago.
// Where nothing was heard before at all, nothing says so.
func (p *assignment) seldomHeard(first geo.Arrival) bool {
	var last time.Time
	for _, f := range p.findings() {
		if f.arrived.At.Sub(first.At) <= agreeWithin && f.arrived.After.After(last) {
			last = f.arrived.After
		}
	}
	return !last.IsZero() && first.At.Sub(last) > agreeWithin
}

// parkedWithoutKey is the fix by which a device had stood at the place for so long that its key
// should have been pressed: the earliest such, of the devices that had no key within the time
// after they arrived. The zero key when there is none.
func (p *assignment) parkedWithoutKey(key observation, after time.Duration) orderKey {
	var first orderKey
	for _, f := range p.findings() {
		if f.parkedAt.IsZero() || key.exists() && key.at().Sub(f.arrived.At) < after {
			continue
		}
		if at := keyAt(f.parkedAt, f.parkedBy); first == (orderKey{}) || at.Compare(first) < 0 {
			first = at
		}
	}
	return first
}

// impossible is how many of the assignment's fixes are left out as impossible jumps.
func (p *assignment) impossible() int {
	n := p.foundImpossible
	for i := range p.stays {
		n += p.stays[i].stay.Impossible()
	}
	return n
}

// stayOf is the judgement of a device, a new one when none of its fixes was judged yet.
func (p *assignment) stayOf(device devices.Identity) *deviceStay {
	for i := range p.stays {
		if p.stays[i].device == device {
			return &p.stays[i]
		}
	}
	p.stays = append(p.stays, deviceStay{device: device, stay: geo.NewStay(p.rule, p.area)})
	return &p.stays[len(p.stays)-1]
}

// judgeAt sets the places by which arrivals are judged. When they are others than before, all
// fixes of the assignment that are kept are judged again.
func (p *assignment) judgeAt(rule *geo.ArrivalRule, places []*incident.Location, fixes *fixlog.Log) {
	if slices.Equal(p.places, places) {
		return
	}
	p.places, p.area, p.stays = places, nil, nil
	if area := areaOf(places, rule.RadiusM); !area.IsZero() {
		p.area, p.rule = &area, rule
		p.judgeFrom(fixes, orderKey{At: p.from})
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

// judgeFrom judges the fixes of all devices that follow from a moment on; none of them was
// judged before.
func (p *assignment) judgeFrom(fixes *fixlog.Log, from orderKey) {
	until := p.end().At
	for e := range fixes.From(from) {
		if !e.Own.At.Before(until) {
			return
		}
		p.feed(p.stayOf(e.Origin.Device), e, fixes, orderKey{At: p.from})
	}
}

// judgeFix judges a fix that has just been added to the unit's fixes, and tells whether more, or
// something else, is proven now, and how many more fixes are impossible jumps.
func (p *assignment) judgeFix(fixes *fixlog.Log, e *fixlog.Entry) (proven bool, impossible int) {
	p.fixesForgotten = false
	if p.learnedUpTo.Compare(e.Known) < 0 {
		p.learnedUpTo = e.Known
	}
	if p.area == nil {
		return false, 0
	}
	s := p.stayOf(e.Origin.Device)
	jumps := s.stay.Impossible()
	if s.fedUpTo.Compare(e.Own) < 0 { // mostly: what was found stays, and no more is copied
		before := s.stay.Found()
		p.feed(s, e, fixes, orderKey{})
		return s.stay.Found() != before, s.stay.Impossible() - jumps
	}
	before := s.finding()
	p.rejudgeFrom(s, fixes, e.Own)
	return s.finding() != before, s.stay.Impossible() - jumps
}

// rejudgeEnds judges again the fixes that a change of the assignment's end, which was at a time
// before, includes or excludes.
func (p *assignment) rejudgeEnds(fixes *fixlog.Log, was time.Time) {
	switch {
	case p.area == nil || p.until.Equal(was):
	case !was.IsZero() && (p.until.IsZero() || p.until.After(was)):
		p.judgeFrom(fixes, orderKey{At: was})
	default:
		for i := range p.stays {
			if s := &p.stays[i]; !s.fedUpTo.At.Before(p.until) {
				p.rejudgeFrom(s, fixes, orderKey{At: p.until})
			}
		}
	}
}

// rejudgeFrom judges a device's fixes again from the one at since on, and stops where the
// judgement is the same as it was before.
func (p *assignment) rejudgeFrom(s *deviceStay, fixes *fixlog.Log, since orderKey) {
	n, _ := slices.BinarySearchFunc(s.checkpoints, since, func(c stayCheckpoint, m orderKey) int { return c.own.Compare(m) })
	old, fed, end := s.checkpoints[n:], s.fedUpTo, s.stay
	s.checkpoints = slices.Clip(s.checkpoints[:n])
	s.stay, s.fedUpTo, s.checkpointAt = geo.NewStay(p.rule, p.area), orderKey{}, p.passed
	if n > 0 {
		s.stay, s.fedUpTo = s.checkpoints[n-1].stay, s.checkpoints[n-1].own
	}
	first, until := orderKey{At: p.from}, p.end().At
	from := first
	if next := s.fedUpTo.Next(); from.Compare(next) < 0 {
		from = next
	}
	for e := range fixes.From(from) {
		if !e.Own.At.Before(until) {
			break
		}
		if e.Origin.Device != s.device {
			p.passed++
			continue
		}
		p.feed(s, e, fixes, first)
		if e.Own.Compare(since) < 0 {
			continue
		}
		for len(old) > 0 && old[0].own.Compare(e.Own) < 0 {
			old = old[1:]
		}
		if len(old) > 0 && old[0].own == e.Own && s.stay.Converges(&old[0].stay) {
			here := old[0].stay
			for _, c := range old {
				if c.own != e.Own {
					s.checkpoints = append(s.checkpoints, stayCheckpoint{c.own, s.stay.Rejoin(&here, c.stay)})
				}
			}
			s.stay, s.fedUpTo = s.stay.Rejoin(&here, end), fed
			return
		}
	}
}

// feed judges one fix of a device, the next by its own time, which may confirm an earlier one
// from first on.
func (p *assignment) feed(s *deviceStay, e *fixlog.Entry, fixes *fixlog.Log, first orderKey) {
	why, confirmed := s.stay.Feed(e.Fix, e.Own.At, e.Own.ID)
	s.fedUpTo = e.Own
	fixes.Judge(e, why)
	if confirmed {
		fixes.Confirm(s.device, first, e.Own)
	}
	if p.passed++; p.passed-s.checkpointAt >= stayCheckpointEvery {
		s.checkpoints, s.checkpointAt = append(s.checkpoints, stayCheckpoint{e.Own, s.stay}), p.passed
	}
}

// forgetFixes keeps of the fixes what they proved. Those that come still are judged beside it,
// as a track of their own.
func (p *assignment) forgetFixes() {
	p.found, p.foundImpossible = p.findings(), p.impossible()
	p.askedFar = nil
	for _, k := range p.asked {
		if k.farM > 0 {
			p.askedFar = append(p.askedFar, k)
		}
	}
	p.stays, p.fixesForgotten = nil, true
}
