package year

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// timed is an event with when the gateway learns of it, nanoseconds since 1970.
type timed struct {
	at    int64
	event incident.Event
}

// script writes what happens in a week.
type script struct {
	year    *Year
	r       *rand.Rand
	events  []timed
	fixes   int // still to be spent
	perCall int
	end     time.Time // of the year: nothing happens after it
	n       int       // of reports and acts, for their ids
}

// chance is true so many times in a thousand.
func (w *script) chance(permille int) bool { return w.r.IntN(1000) < permille }

// about is a time that is mostly near the given one and sometimes much longer.
func (w *script) about(d time.Duration) time.Duration {
	return time.Duration(float64(d) * math.Exp(w.r.NormFloat64()*0.45))
}

func (w *script) id(kind string, at time.Time) string {
	w.n++
	return fmt.Sprintf("%s%x-%d", kind, at.Unix(), w.n)
}

func (w *script) act(kind incident.ActKind, id string, at time.Time, change func(*incident.Act)) {
	if at.After(w.end) {
		return
	}
	a := &incident.Act{ID: w.id("a", at), Kind: kind, Incident: id, By: "desk", At: at}
	if change != nil {
		change(a)
	}
	w.events = append(w.events, timed{at.UnixNano(), incident.Event{ID: a.ID, Act: a}})
}

// report is what a crew's device says at a time; now and then a phone has no network.
func (w *script) report(c *crew, at time.Time, change func(*devices.Report)) {
	if at.After(w.end) {
		return
	}
	r := &devices.Report{ID: w.id("r", at), Protocol: devices.Kenwood, Kind: devices.KindStatus, Device: c.device, ReceivedAt: at.Add(time.Second), Link: "roof"}
	if c.phone {
		r.Protocol, r.DeviceTime, r.Link = devices.OwnTracks, at, "mqtt"
		if w.chance(15) {
			r.ReceivedAt, r.Queued = at.Add(w.about(20*time.Minute)), true
		}
	}
	change(r)
	if !r.ReceivedAt.After(w.end) {
		w.events = append(w.events, timed{r.ReceivedAt.UnixNano(), incident.Event{ID: r.ID, Report: r}})
	}
}

func (w *script) key(c *crew, at time.Time, status devices.Status) {
	w.report(c, at, func(r *devices.Report) { r.Status, r.StatusCode = status, "1" })
}

// fix spends one fix, also one after the end of the year, so that the number holds.
func (w *script) fix(c *crew, at time.Time, p orb.Point, speed float64) {
	if w.fixes == 0 {
		return
	}
	w.fixes--
	if at.After(w.end) {
		at = w.end.Add(-time.Duration(w.r.Int64N(int64(time.Hour)))) // no two of a unit at one moment
	}
	r := &devices.Report{
		ID: w.id("r", at), Protocol: devices.Kenwood, Kind: devices.KindPosition, Device: c.device, ReceivedAt: at, Link: "roof",
		Fix: &geo.Fix{Point: p, Time: at, AccuracyM: geo.Measured(8), SpeedMPS: geo.Measured(speed)},
	}
	if c.phone {
		r.Protocol, r.DeviceTime, r.Link = devices.OwnTracks, at, "mqtt"
	}
	w.events = append(w.events, timed{at.UnixNano(), incident.Event{ID: r.ID, Report: r}})
}

// near is a point within so many metres.
func near(r *rand.Rand, p orb.Point, metres float64) orb.Point {
	return orbgeo.PointAtBearingAndDistance(p, r.Float64()*360, r.Float64()*metres)
}

// incident writes one incident from its call to its end.
func (w *script) incident(id string, call time.Time) {
	y, r := w.year, w.r
	category := y.s.Categories[r.IntN(len(y.s.Categories))]
	village := y.s.Villages[r.IntN(len(y.s.Villages))]
	scene := near(r, village.Point, 900)
	w.act(incident.ActOpen, id, call.Add(5*time.Second), func(a *incident.Act) {
		a.Opening = &incident.Opening{Number: id, Category: category.Key, District: village.District, ReceivedAt: call, Source: "dispatcher",
			Location: &incident.Location{Lat: scene.Lat(), Lon: scene.Lon()}}
	})
	sent := call.Add(w.about(70 * time.Second))
	if w.chance(20) {
		w.act(incident.ActCancel, id, sent, func(a *incident.Act) { a.Reason = "false call" })
		return
	}
	team := w.free(agencies[r.IntN(len(agencies))], sent, 1+r.IntN(3)/2)
	w.act(incident.ActDispatch, id, sent, func(a *incident.Act) {
		for _, c := range team {
			a.Units = append(a.Units, c.ID)
		}
	})
	done := sent
	for _, c := range team {
		end := w.work(id, c, scene, sent, w.perCall/len(team))
		c.busy = end.Add(time.Minute)
		if end.After(done) {
			done = end
		}
	}
	for at := sent.Add(w.about(14 * time.Minute)); at.Before(done); at = at.Add(w.about(14 * time.Minute)) {
		w.act(incident.ActReview, id, at, nil)
	}
	if !w.chance(3) { // else it is forgotten
		w.act(incident.ActClose, id, done.Add(w.about(3*time.Minute)), nil)
	}
}

// free chooses crews of an agency that have nothing to do, else of another; none is
// turned away, so the one that is free first comes late.
func (w *script) free(agency string, at time.Time, n int) []*crew {
	var out []*crew
	all := w.year.crews
	from := w.r.IntN(len(all))
	for _, same := range []bool{true, false} {
		for i := range all {
			c := all[(from+i)%len(all)]
			if len(out) < n && (c.Agency == agency) == same && c.busy.Before(at) {
				out = append(out, c)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, slices.MinFunc(all, func(a, b *crew) int { return a.busy.Compare(b.busy) }))
	}
	return out
}

// happened takes what really happens.
func (w *script) happened(id string, c *crew, milestone incident.MilestoneName, at time.Time) {
	if w.year.s.Happened != nil && !at.After(w.end) {
		w.year.s.Happened(id, c.ID, milestone, at)
	}
}

// work writes one crew's part in an incident and returns when it is free.
func (w *script) work(id string, c *crew, scene orb.Point, sent time.Time, fixes int) time.Time {
	left := sent.Add(w.about(100 * time.Second))
	distance := orbgeo.Distance(c.post, scene)
	arrived := left.Add(w.about(time.Minute + time.Duration(distance/11*float64(time.Second)))) // 40 km/h
	done := arrived.Add(w.about(28 * time.Minute))
	w.happened(id, c, incident.Dispatched, sent)
	if w.chance(30) {
		off := sent.Add(w.about(4 * time.Minute))
		if left.Before(off) {
			w.happened(id, c, incident.EnRoute, left)
		}
		w.key(c, left, devices.StatusEnRoute)
		w.act(incident.ActRelease, id, off, func(a *incident.Act) { a.Units, a.Reason = []string{c.ID}, "needed elsewhere" })
		return off
	}
	w.happened(id, c, incident.EnRoute, left)
	w.happened(id, c, incident.OnScene, arrived)
	w.happened(id, c, incident.Completed, done)
	if w.chance(930) {
		w.key(c, left, devices.StatusEnRoute)
	}
	pressed := arrived.Add(time.Duration(w.r.IntN(40)) * time.Second)
	switch {
	case w.chance(90): // forgotten: the fixes have to tell
	case w.chance(40): // far from the scene
		w.key(c, left.Add(arrived.Sub(left)/2), devices.StatusOnScene)
	case w.chance(50):
		w.key(c, arrived.Add(w.about(6*time.Minute)), devices.StatusOnScene)
	default:
		w.key(c, pressed, devices.StatusOnScene)
	}
	for at := arrived.Add(w.about(13 * time.Minute)); at.Before(done); at = at.Add(w.about(13 * time.Minute)) {
		w.key(c, at, devices.StatusInProgress)
	}
	if w.chance(920) {
		w.key(c, done, devices.StatusCompleted)
	}
	if w.chance(20) {
		w.act(incident.ActCorrect, id, done.Add(time.Minute), func(a *incident.Act) {
			a.Units, a.Milestone, a.MilestoneAt, a.Reason = []string{c.ID}, incident.OnScene, arrived.Add(-20*time.Second), "told by voice"
		})
	}
	w.drive(c, scene, left, arrived, done, fixes)
	return done.Add(w.about(10 * time.Minute))
}

// drive spreads fixes over the way there and the time at the scene.
func (w *script) drive(c *crew, scene orb.Point, left, arrived, done time.Time, fixes int) {
	whole := done.Sub(left)
	for i := range fixes {
		at := left.Add(whole * time.Duration(i+1) / time.Duration(fixes+1))
		if at.Before(arrived) {
			way := float64(at.Sub(left)) / float64(arrived.Sub(left))
			w.fix(c, at, orb.Point{c.post[0] + (scene[0]-c.post[0])*way, c.post[1] + (scene[1]-c.post[1])*way}, 11)
			continue
		}
		w.fix(c, at, near(w.r, scene, 25), 0.3)
	}
}
