package simulation

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// habit is how a crew treats its on-scene key.
type habit int

const (
	punctual habit = iota
	late           // presses minutes after arriving
	forgets        // never presses: only the geofence knows
	early          // presses kilometres before arriving
	confused       // presses "completed" first, then the right key
)

// habits are drawn with these odds: crews are mostly right, and the record has
// to survive the rest.
var habits = []habit{punctual, punctual, punctual, punctual, punctual, late, late, forgets, early, confused}

// phase is where a crew stands in its mission.
type phase int

const (
	waiting phase = iota
	turningOut
	driving
	working
	driveBack
)

// crew is one team's behaviour: a pure function of its own random source, what
// it is ordered and the time. It does no I/O; what it does comes out as actions.
type crew struct {
	team  Team
	rng   *rand.Rand
	phase phase

	at        orb.Point
	speedMPS  float64
	courseDeg float64
	moved     time.Time
	nextFix   time.Time

	incident string
	back     time.Time // when it was last at its post again
	scene    orb.Point
	habit    habit
	// pressedEarly is set once a crew with that habit has pressed on the way.
	pressedEarly bool
	agenda       []appointment

	// on is where a telephone is that the crew carries, toward where it walks; nextCarried
	// and nextLeft are when that and the one at the post tell their place.
	on, toward            orb.Point
	nextCarried, nextLeft time.Time
	// darkFrom and darkUntil are when nothing of the crew is heard: a tunnel, a valley.
	darkFrom, darkUntil time.Time
	// happened takes what really happens.
	happened func(milestone string, at time.Time)
}

// appointment is something that the crew will do at a time.
type appointment struct {
	at    time.Time
	key   string // a status, as devices.Status spells it; empty when nobody presses
	leave bool   // it sets out
	done  bool   // the work is done
	end   bool   // it goes home
}

// action is one thing that the crew's equipment sends.
type action struct {
	key string // empty for a plain position
	obs observation
	by  carrier
}

// carrier is which of a crew's devices speaks.
type carrier int

const (
	byRadio   carrier = iota // the vehicle's, or the only telephone
	byCarried                // the telephone that the crew carries
	byLeft                   // the one at the post
)

func newCrew(t Team, seed uint64, now time.Time) *crew {
	rng := rand.New(rand.NewPCG(seed, 112)) // #nosec G404 -- a simulation that runs the same way again
	return &crew{
		team: t, rng: rng, at: t.Post, on: t.Post, toward: t.Post, moved: now,
		happened: func(string, time.Time) {},
		nextFix:  now.Add(time.Duration(rng.IntN(10)) * time.Second),
	}
}

// between draws a duration of whole seconds.
func (c *crew) between(minS, maxS int) time.Duration {
	return time.Duration(minS+c.rng.IntN(maxS-minS+1)) * time.Second
}

// send starts a mission.
func (c *crew) send(now time.Time, incident string, scene orb.Point) {
	c.incident, c.phase = incident, turningOut
	// A crew parks beside the scene, not on the pin of the map.
	c.scene = geo.PointAtBearingAndDistance(scene, c.rng.Float64()*360, 10+c.rng.Float64()*35)
	c.pressedEarly = false
	c.habit = habits[c.rng.IntN(len(habits))]
	ack := now.Add(c.between(8, 30))
	leave := ack.Add(c.between(25, 80))
	c.agenda = []appointment{{at: ack, key: "acknowledged"}, {at: leave, key: "en_route", leave: true}}
	if c.rng.IntN(8) == 0 {
		c.agenda[1].key = "" // forgotten
	}
	if c.rng.IntN(5) == 0 {
		c.darkFrom = leave.Add(c.between(20, 400))
		c.darkUntil = c.darkFrom.Add(c.between(40, 200))
	}
}

// step moves the crew to now and returns what its equipment sent meanwhile.
func (c *crew) step(now time.Time) []action {
	var out []action
	c.move(now)
	for len(c.agenda) > 0 && !c.agenda[0].at.After(now) {
		next := c.agenda[0]
		c.agenda = c.agenda[1:]
		if next.key != "" {
			out = append(out, c.press(next))
		}
		switch {
		case next.done:
			c.happened("completed", next.at)
		case next.leave:
			c.happened("en_route", next.at)
			c.phase, c.speedMPS = driving, 12+c.rng.Float64()*7
		case next.end:
			c.phase, c.speedMPS, c.scene = driveBack, 11, c.team.Post
		}
	}
	if !now.Before(c.nextFix) {
		out = append(out, action{obs: c.observe(now)})
		c.nextFix = now.Add(c.cadence())
	}
	return append(out, c.carried(now)...)
}

// press is a key on the radio, or on the telephone that the crew carries.
func (c *crew) press(a appointment) action {
	out := action{key: a.key, obs: c.observe(a.at)}
	if c.team.Carried != "" && c.rng.IntN(4) == 0 {
		out.by, out.obs.point = byCarried, c.on
	}
	return out
}

// carried is what the crew's other telephones say of their places.
func (c *crew) carried(now time.Time) (out []action) {
	if c.team.Carried != "" && !now.Before(c.nextCarried) {
		o := c.observe(now)
		o.point, o.speedMPS = geo.PointAtBearingAndDistance(c.on, c.rng.Float64()*360, c.rng.Float64()*8), c.walking()
		out = append(out, action{obs: o, by: byCarried})
		c.nextCarried = now.Add(15 * time.Second)
		if c.phase == waiting {
			c.nextCarried = now.Add(90 * time.Second)
		}
	}
	if c.team.Left != "" && !now.Before(c.nextLeft) {
		o := c.observe(now)
		o.point, o.speedMPS = geo.PointAtBearingAndDistance(c.team.Post, c.rng.Float64()*360, c.rng.Float64()*8), 0
		out = append(out, action{obs: o, by: byLeft})
		c.nextLeft = now.Add(c.between(50, 70))
	}
	return out
}

// walkMPS is how fast a crew walks.
const walkMPS = 1.3

// walking is the speed of the telephone that the crew carries.
func (c *crew) walking() float64 {
	switch {
	case c.phase == driving || c.phase == driveBack:
		return c.speedMPS
	case geo.Distance(c.on, c.toward) > 2:
		return walkMPS
	}
	return 0
}

// walk moves the telephone that the crew carries: with the vehicle, and at the scene on
// foot, as far as a well or a landslide is from the road.
func (c *crew) walk(elapsed float64) {
	if c.phase != working {
		c.on = c.at
		return
	}
	if left := geo.Distance(c.on, c.toward); left > walkMPS*elapsed {
		c.on = geo.PointAtBearingAndDistance(c.on, geo.Bearing(c.on, c.toward), walkMPS*elapsed)
		return
	}
	c.on = c.toward
	if c.rng.IntN(200) == 0 {
		c.toward = geo.PointAtBearingAndDistance(c.scene, c.rng.Float64()*360, c.rng.Float64()*250)
	}
}

// cadence is how often the equipment reports a position by itself.
func (c *crew) cadence() time.Duration {
	switch {
	case c.phase == waiting:
		return 60 * time.Second
	case c.team.Radio == Phone:
		return 6 * time.Second
	default:
		return 12 * time.Second
	}
}

// move drives towards the scene, or back to the post, for the time since the
// last step.
func (c *crew) move(now time.Time) {
	elapsed := now.Sub(c.moved).Seconds()
	c.moved = now
	defer c.walk(elapsed)
	if c.phase != driving && c.phase != driveBack {
		return
	}
	left := geo.Distance(c.at, c.scene)
	if c.phase == driving && c.habit == early && left < 4000 && !c.pressedEarly {
		c.pressedEarly = true
		c.agenda = append(c.agenda, appointment{at: now, key: "on_scene"})
	}
	bearing := geo.Bearing(c.at, c.scene)
	c.courseDeg = math.Mod(bearing+360, 360)
	if step := c.speedMPS * elapsed; step < left {
		c.at = geo.PointAtBearingAndDistance(c.at, bearing, step)
		return
	}
	if c.phase == driving {
		at := now.Add(-time.Duration((elapsed - left/c.speedMPS) * float64(time.Second)))
		c.at, c.speedMPS, c.toward = c.scene, 0, geo.PointAtBearingAndDistance(c.scene, c.rng.Float64()*360, c.rng.Float64()*150)
		c.happened("on_scene", at)
		c.arrive(at)
		return
	}
	c.at, c.speedMPS = c.scene, 0
	c.phase, c.incident, c.back = waiting, "", now
	c.agenda = append(c.agenda, appointment{at: now.Add(c.between(5, 20)), key: "available"})
}

// arrive plans the work at the scene, with the crew's habits.
func (c *crew) arrive(now time.Time) {
	c.phase = working
	plan := func(after time.Duration, key string) {
		c.agenda = append(c.agenda, appointment{at: now.Add(after), key: key})
	}
	switch c.habit {
	case punctual:
		plan(c.between(2, 25), "on_scene")
	case late:
		plan(c.between(150, 420), "on_scene")
	case confused:
		plan(c.between(5, 15), "completed")
		plan(c.between(30, 50), "on_scene")
	case forgets, early:
	}
	work := c.between(9*60, 24*60)
	for t := c.between(200, 500); t < work-time.Minute; t += c.between(240, 720) {
		plan(t, "in_progress")
	}
	c.agenda = append(c.agenda, appointment{at: now.Add(work), key: "completed", done: true})
	c.agenda = append(c.agenda, appointment{at: now.Add(work + 20*time.Second), key: "returning", end: true})
	slices.SortStableFunc(c.agenda, func(a, b appointment) int { return a.at.Compare(b.at) })
}

// observe is what the receiver says: a few metres of jitter, no lock now and
// then.
func (c *crew) observe(at time.Time) observation {
	jitter := geo.PointAtBearingAndDistance(c.at, c.rng.Float64()*360, c.rng.Float64()*6)
	return observation{at: at, point: jitter, speedMPS: c.speedMPS, courseDeg: c.courseDeg, lock: c.rng.IntN(60) != 0}
}
