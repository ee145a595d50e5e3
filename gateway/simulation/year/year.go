package year

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// Village is a place where incidents happen and units wait.
type Village struct {
	District string
	Point    orb.Point
}

// Settings say what kind of year it is.
type Settings struct {
	Seed uint64
	// From is when it begins; it lasts 365 days.
	From time.Time
	// Incidents and Fixes are exactly how many there are. Fixes need about ten for
	// each incident, for most arrivals to be seen in them.
	Incidents, Fixes int
	Units            int
	Categories       []sop.Category
	Villages         []Village
	// Happened, when not nil, takes what really happens, whatever is heard of it: when a unit
	// was dispatched, en_route (it left), on_scene (it stood at the place), completed.
	Happened func(incident, unit string, milestone incident.MilestoneName, at time.Time)
}

// Days is how long a year is here.
const Days = 365

// weeks is how many parts a year is made in; the last has a day more.
const weeks = 52

// Year is a year of a county.
type Year struct {
	s     Settings
	crews []*crew
	seq   uint64
}

// crew is a unit with what it carries and when it is free again.
type crew struct {
	incident.Unit
	device devices.Identity
	phone  bool // tells its own time; a radio does not
	post   orb.Point
	busy   time.Time
}

// The agencies, and what they are called for in turn.
var agencies = []string{"Damkar", "PSC 119", "Polres", "BPBD", "Satpol PP"}

// New prepares a year.
func New(s Settings) (*Year, error) {
	switch {
	case s.Incidents < 1 || s.Units < len(agencies):
		return nil, fmt.Errorf("a year needs incidents and at least %d units", len(agencies))
	case s.Fixes < 0:
		return nil, errors.New("the number of fixes is below zero")
	case len(s.Villages) == 0 || len(s.Categories) == 0:
		return nil, errors.New("a year needs villages and categories")
	}
	y := &Year{s: s}
	r := y.random(0)
	for n := range s.Units {
		agency := agencies[n%len(agencies)]
		c := &crew{phone: n%3 == 2, post: s.Villages[r.IntN(len(s.Villages))].Point}
		c.device = devices.Identity(fmt.Sprintf("fleetsync:100-%04d", 1000+n))
		if c.phone {
			c.device = devices.Identity(fmt.Sprintf("owntracks:crew%d/phone", n))
		}
		c.Unit = incident.Unit{ID: fmt.Sprintf("unit-%03d", n), CallSign: fmt.Sprintf("%s %d", agency, n/len(agencies)+1), Agency: agency, Devices: []devices.Identity{c.device}}
		y.crews = append(y.crews, c)
	}
	return y, nil
}

func (y *Year) random(part uint64) *rand.Rand { return rand.New(rand.NewPCG(y.s.Seed, part)) } // #nosec G404 -- a simulation that runs the same way again

// Roster lists the units.
func (y *Year) Roster() []incident.Unit {
	out := make([]incident.Unit, len(y.crews))
	for i, c := range y.crews {
		out[i] = c.Unit
	}
	return out
}

// Weeks yields the events of one week after the other, each in the order in which
// the gateway would have learned of them. What belongs to an incident stands in the
// week of its call, so that a tracker is needed for one week at a time. Range over it
// once.
func (y *Year) Weeks() iter.Seq[[]incident.Event] {
	return func(yield func([]incident.Event) bool) {
		for week := range weeks {
			if !yield(y.week(week)) {
				return
			}
		}
	}
}

// share is how many of all belong to a week.
func share(all, week int) int { return all*(week+1)/weeks - all*week/weeks }

func (y *Year) week(week int) []incident.Event {
	r := y.random(uint64(week) + 1)
	start, length := y.s.From.AddDate(0, 0, 7*week), 7*24*time.Hour
	if week == weeks-1 {
		length = y.s.From.AddDate(0, 0, Days).Sub(start)
	}
	w := &script{year: y, r: r, fixes: share(y.s.Fixes, week), end: y.s.From.AddDate(0, 0, Days)}
	calls := make([]time.Time, share(y.s.Incidents, week))
	for i := range calls {
		calls[i] = start.Add(callTime(r, length))
	}
	slices.SortFunc(calls, time.Time.Compare)
	// Of the fixes one in ten is of a unit that waits.
	w.perCall = w.fixes * 9 / 10 / max(1, len(calls))
	for i, at := range calls {
		w.incident(fmt.Sprintf("y%02d-%05d", week, i), at)
	}
	for w.fixes > 0 {
		c := y.crews[r.IntN(len(y.crews))]
		w.fix(c, start.Add(time.Duration(r.Int64N(int64(length)))), near(r, c.post, 400), 0)
	}
	slices.SortStableFunc(w.events, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	out := make([]incident.Event, len(w.events))
	for i, e := range w.events {
		y.seq++
		out[i] = e.event
		out[i].Seq = y.seq
	}
	return out
}

// callTime is when in a week a call comes: few at night, most in the late afternoon.
func callTime(r *rand.Rand, length time.Duration) time.Duration {
	weights := [24]int{3, 2, 2, 2, 2, 3, 5, 7, 8, 8, 8, 8, 8, 8, 8, 9, 10, 11, 10, 9, 8, 7, 5, 4} // by the local hour
	for {
		at := time.Duration(r.Int64N(int64(length)))
		if hour := int(at/time.Hour) % 24; r.IntN(11) < weights[hour] {
			return at
		}
	}
}
