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
	// MaxGap: fixes farther apart than this do not prove that the unit stayed in
	// between; 0 for no limit.
	MaxGap time.Duration
	// Parked is how long a unit stands at the place until it counts as parked.
	Parked time.Duration
}

// DefaultArrivalRule is the design's rule: 100 m, 30 s, 1.5 times out, 10 km/h,
// no fix worse than 50 m or faster than 300 km/h; parked after five minutes, and a
// quarter of an hour between two fixes at most.
func DefaultArrivalRule() ArrivalRule {
	return ArrivalRule{
		RadiusM: 100, Dwell: 30 * time.Second, LeaveFactor: 1.5,
		MaxSpeedMPS: 10 / 3.6, MaxAccuracyM: 50, MaxJumpMPS: 300 / 3.6,
		MaxGap: 15 * time.Minute, Parked: 5 * time.Minute,
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
	Forgotten  Exclusion = "place forgotten after its time"
	NotLater   Exclusion = "not later than the fix before"
)

// Usable tells whether a fix may be judged at all, by itself.
func (r ArrivalRule) Usable(f *Fix) Exclusion {
	switch {
	case f.Forgotten:
		return Forgotten
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

// Stay watches one device at one place: fixes of several devices do not make one
// track. They are fed in the order of their own time. It is a value: copying it
// copies the watch, and two that are equal judge every further fix alike.
type Stay struct {
	rule *ArrivalRule
	area *Area
	way  way
	// What was found; once set it does not change.
	arrived   Arrival
	parkedBy  string
	parkedAt  time.Time
	leftAgain bool
	// impossible counts the fixes left out as such that no later one confirmed.
	impossible int
}

// way is where the device was last, and since when it stands inside.
type way struct {
	last, suspect seen
	inside        bool
	slowSince     time.Time
	slowAfter     time.Time // of the fix before slowSince
	slowBy        string
}

// seen is one fix as far as the judgement needs it.
type seen struct {
	at       time.Time
	point    orb.Point
	accuracy float64
	speed    float64 // m/s, negative when the device has none
	report   string
}

// Arrival is a proven arrival.
type Arrival struct {
	// At is the time of the first slow fix inside, of the stay that lasted; After that of the
	// fix before, zero when there is none: the device came in between.
	At, After time.Time
	// By is the id of the report with that fix; ProvenBy of the one that
	// completed the dwell.
	By, ProvenBy string
}

// IsZero reports that there is no arrival.
func (a Arrival) IsZero() bool { return a.At.IsZero() }

// NewStay watches an area. Both are kept and must not change.
func NewStay(rule *ArrivalRule, area *Area) Stay { return Stay{rule: rule, area: area} }

// Arrived returns the arrival, zero while there is none. Later fixes do not
// change it.
func (s *Stay) Arrived() Arrival { return s.arrived }

// Parked returns the time and report of the fix by which the unit had stood at the
// place for the rule's time without leaving; a zero time when it did not.
func (s *Stay) Parked() (time.Time, string) { return s.parkedAt, s.parkedBy }

// Found is how many of arrival and parking the fixes have proved.
func (s *Stay) Found() int {
	switch {
	case s.arrived.IsZero():
		return 0
	case s.parkedAt.IsZero():
		return 1
	}
	return 2
}

// Impossible is how many fixes were left out as [Impossible] and not confirmed since.
func (s *Stay) Impossible() int { return s.impossible }

// settled tells whether further fixes find nothing more.
func (s *Stay) settled() bool {
	return !s.arrived.IsZero() && (s.leftAgain || !s.parkedAt.IsZero())
}

// Converges tells whether a watch that is here now goes on as one that was at old
// at the same fix: then only what it found differs, and rejoin gives the watch that
// old became later the finds of s.
func (s *Stay) Converges(old *Stay) bool {
	if s.area != old.area || s.way != old.way {
		return false
	}
	return s.settled() || s.arrived == old.arrived && s.parkedAt.Equal(old.parkedAt) && s.leftAgain == old.leftAgain
}

// Rejoin is a later watch with what s found, where s [Stay.Converges] with old, which
// later was at the same fix.
func (s *Stay) Rejoin(old *Stay, later Stay) Stay {
	later.impossible += s.impossible - old.impossible
	if s.settled() {
		later.arrived, later.parkedAt, later.parkedBy, later.leftAgain = s.arrived, s.parkedAt, s.parkedBy, s.leftAgain
	}
	return later
}

// Feed judges one fix, taken at the given time and carried by the given report. An
// impossible one is remembered: when the next agrees with it, it is judged after
// all, before the next, and confirmed is true.
func (s *Stay) Feed(f *Fix, at time.Time, report string) (why Exclusion, confirmed bool) {
	if why := s.rule.Usable(f); why != Judged {
		return why, false
	}
	w := &s.way
	if !w.last.at.IsZero() && !at.After(w.last.at) {
		return NotLater, false
	}
	here := seen{at: at, point: f.Point, accuracy: max(f.AccuracyM.Or(0), 0), speed: f.SpeedMPS.Or(-1), report: report}
	if s.jumps(&w.last, &here) {
		if w.suspect.at.IsZero() || !at.After(w.suspect.at) || s.jumps(&w.suspect, &here) {
			w.suspect = here
			s.impossible++
			return Impossible, false
		}
		first := w.suspect
		s.take(&first)
		s.impossible--
		confirmed = true
	}
	s.take(&here)
	return Judged, confirmed
}

// take judges a fix that is believed.
func (s *Stay) take(f *seen) {
	w := &s.way
	before := w.last.at
	slow, gap := s.slow(f), s.rule.MaxGap > 0 && !w.last.at.IsZero() && f.at.Sub(w.last.at) > s.rule.MaxGap
	w.last = *f
	if !w.suspect.at.IsZero() {
		w.suspect = seen{}
	}
	in, out := s.area.holds(f.point, f.accuracy, s.rule.LeaveFactor)
	switch {
	case in:
		w.inside = true
	case out:
		w.inside = false
		s.leftAgain = s.leftAgain || !s.arrived.IsZero()
	}
	if !w.inside || !slow {
		w.slowSince, w.slowAfter, w.slowBy = time.Time{}, time.Time{}, ""
	} else if w.slowSince.IsZero() || gap {
		w.slowSince, w.slowAfter, w.slowBy = f.at, before, f.report
	}
	if !w.slowSince.IsZero() && s.arrived.IsZero() && f.at.Sub(w.slowSince) >= s.rule.Dwell {
		s.arrived = Arrival{At: w.slowSince, After: w.slowAfter, By: w.slowBy, ProvenBy: f.report}
	}
	if w.inside && !s.arrived.IsZero() && !s.leftAgain && s.parkedAt.IsZero() && f.at.Sub(s.arrived.At) >= s.rule.Parked {
		s.parkedAt, s.parkedBy = f.at, f.report
	}
}

// slow tells whether the unit walks or stands, by its own speedometer or else by
// the way since the fix before.
func (s *Stay) slow(f *seen) bool {
	if f.speed >= 0 {
		return f.speed <= s.rule.MaxSpeedMPS
	}
	last := &s.way.last
	if last.at.IsZero() {
		return true
	}
	return !farther(last.point, f.point, s.rule.MaxSpeedMPS*f.at.Sub(last.at).Seconds()+f.accuracy)
}

func (s *Stay) jumps(from, to *seen) bool {
	return !from.at.IsZero() && s.rule.Jump(from.point, to.point, to.at.Sub(from.at))
}

// Jump tells whether the way between two points is impossible in a time.
func (r *ArrivalRule) Jump(from, to orb.Point, in time.Duration) bool {
	// Fixes are rounded to whole seconds, so half a second either way is no jump.
	return farther(from, to, r.MaxJumpMPS*(in.Seconds()+1))
}
