package geo

import (
	"time"

	"github.com/paulmach/orb"
)

// ArrivalRule says when fixes prove that a unit has arrived at a place. Every
// number is a setting.
type ArrivalRule struct {
	// RadiusM is the place's radius in metres, grown by each fix's accuracy.
	RadiusM float64
	// Dwell is how long a unit must stay inside.
	Dwell time.Duration
	// LeaveFactor times the radius is how far out a unit has left, so that
	// jitter at the edge does not toggle it.
	LeaveFactor float64
	// MaxSpeedMPS is the fastest that still counts as walking or parking, m/s.
	MaxSpeedMPS float64
	// MaxAccuracyM: a fix worse than this, in metres, is not judged.
	MaxAccuracyM float64
	// MaxJumpMPS: a fix that needs a higher speed than this, in m/s, since the
	// one before is suspect until a second one confirms it.
	MaxJumpMPS float64
}

// DefaultArrivalRule is the design's rule: 100 m, 30 s, 1.5 times out, 10 km/h,
// and no fix worse than 50 m or faster than 300 km/h.
func DefaultArrivalRule() ArrivalRule {
	return ArrivalRule{
		RadiusM: 100, Dwell: 30 * time.Second, LeaveFactor: 1.5,
		MaxSpeedMPS: 10 / 3.6, MaxAccuracyM: 50, MaxJumpMPS: 300 / 3.6,
	}
}

// Exclusion is why a fix was left out of the judgement; empty when it was not.
type Exclusion string

// The reasons for leaving a fix out.
const (
	Judged     Exclusion = ""
	NoLock     Exclusion = "no satellite lock"
	BadPoint   Exclusion = "coordinates out of range or null island"
	Blurred    Exclusion = "made coarse by its sender"
	TooVague   Exclusion = "accuracy worse than the gate"
	Impossible Exclusion = "impossible speed since the fix before"
	NotLater   Exclusion = "not later than the fix before"
)

// Usable tells whether a fix may be judged at all, by itself.
func (r ArrivalRule) Usable(f *Fix) Exclusion {
	switch {
	case f.NoLock:
		return NoLock
	case CheckPoint(f.Point) != nil:
		return BadPoint
	case f.Blurred:
		return Blurred
	case f.AccuracyM.Or(0) > r.MaxAccuracyM:
		return TooVague
	}
	return Judged
}

// Stay watches one unit at one place. Fixes are fed in the order of their own
// time. It is a value: copying it copies the watch.
type Stay struct {
	rule    ArrivalRule
	place   orb.Point
	radiusM float64

	last, suspect seen
	inside        bool
	slowSince     time.Time
	slowBy        string
	arrived       Arrival
	insideAt      time.Time
}

type seen struct {
	at    time.Time
	point orb.Point
}

// Arrival is a proven arrival.
type Arrival struct {
	// At is the time of the first slow fix inside, of the stay that lasted.
	At time.Time
	// By is the id of the report with that fix; ProvenBy of the one that
	// completed the dwell.
	By, ProvenBy string
}

// IsZero reports that there is no arrival.
func (a Arrival) IsZero() bool { return a.At.IsZero() }

// NewStay watches a place; a radius of 0 takes the rule's.
func NewStay(rule ArrivalRule, place orb.Point, radiusM float64) Stay {
	if radiusM <= 0 {
		radiusM = rule.RadiusM
	}
	return Stay{rule: rule, place: place, radiusM: radiusM}
}

// Arrived returns the arrival, zero while there is none. Later fixes do not
// change it.
func (s *Stay) Arrived() Arrival { return s.arrived }

// ParkedFor is how long the unit has been inside since it arrived, as far as
// the newest fix tells; 0 when it has not arrived or has left again.
func (s *Stay) ParkedFor() time.Duration {
	if s.arrived.IsZero() || !s.inside {
		return 0
	}
	return s.insideAt.Sub(s.arrived.At)
}

// Feed judges one fix, taken at the given time and carried by the given report.
func (s *Stay) Feed(f *Fix, at time.Time, report string) Exclusion {
	if why := s.rule.Usable(f); why != Judged {
		return why
	}
	if !s.last.at.IsZero() && !at.After(s.last.at) {
		return NotLater
	}
	if s.jumps(s.last, f.Point, at) && (s.suspect.at.IsZero() || s.jumps(s.suspect, f.Point, at)) {
		s.suspect = seen{at, f.Point}
		return Impossible
	}
	slow := s.slow(f, at)
	s.suspect, s.last = seen{}, seen{at, f.Point}
	s.judge(f, at, report, slow)
	return Judged
}

func (s *Stay) judge(f *Fix, at time.Time, report string, slow bool) {
	distance, accuracy := Distance(f.Point, s.place), f.AccuracyM.Or(0)
	switch {
	case distance <= s.radiusM+accuracy:
		s.inside = true
	case distance > s.radiusM*s.rule.LeaveFactor+accuracy:
		s.inside = false
	}
	if !s.inside || !slow {
		s.slowSince, s.slowBy = time.Time{}, ""
		return
	}
	s.insideAt = at
	if s.slowSince.IsZero() {
		s.slowSince, s.slowBy = at, report
	}
	if s.arrived.IsZero() && at.Sub(s.slowSince) >= s.rule.Dwell {
		s.arrived = Arrival{At: s.slowSince, By: s.slowBy, ProvenBy: report}
	}
}

// slow tells whether the unit walks or stands, by its own speedometer or else by
// the way since the fix before.
func (s *Stay) slow(f *Fix, at time.Time) bool {
	if speed, known := f.SpeedMPS.Value(); known {
		return speed <= s.rule.MaxSpeedMPS
	}
	if s.last.at.IsZero() {
		return true
	}
	return Distance(s.last.point, f.Point) <= s.rule.MaxSpeedMPS*at.Sub(s.last.at).Seconds()+f.AccuracyM.Or(0)
}

func (s *Stay) jumps(from seen, to orb.Point, at time.Time) bool {
	if from.at.IsZero() {
		return false
	}
	// Fixes are rounded to whole seconds, so half a second either way is no jump.
	return Distance(from.point, to) > s.rule.MaxJumpMPS*(at.Sub(from.at).Seconds()+1)
}
