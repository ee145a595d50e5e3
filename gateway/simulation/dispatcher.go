package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// Place is somewhere in the county where things happen.
type Place struct {
	Name, District string
	Point          orb.Point
}

// dispatcher is the desk: it takes calls, sends the nearest free teams of the
// right agencies, reviews, and closes. Like the crews it is sometimes late.
type dispatcher struct {
	api    *apiClient
	rng    *rand.Rand
	places []Place
	log    *slog.Logger

	teams map[string]*crew
	calls int
	cases map[string]*caseFile
	// merged are incidents that turned out to be others' duplicates.
	merged map[string]string
	next   time.Time
}

// caseFile is one open incident on the desk.
type caseFile struct {
	id, category string
	scene        orb.Point
	dispatchAt   time.Time
	sentAt       time.Time // when units were sent
	reviewAt     time.Time
	units        map[string]bool // unit → completed
	closeAt      time.Time
	// sameAs is the incident that this one is a second call about, until it is merged at
	// mergeAt; empty for none.
	sameAs  string
	mergeAt time.Time
}

// The first calls come fast, one of each category, so that a demo of seconds
// has all ten; afterwards a county's busy day.
const (
	firstCalls    = 10
	firstEvery    = 40 * time.Second
	laterEvery    = 170 * time.Second
	mostOpenCases = 14
)

// categories in the order of the SOP's table, as the API spells them.
var categories = []string{
	"fire", "health", "accident", "rescue", "disaster", "crime", "security", "damage", "child_abuse", "other",
}

// step does what is due at now.
func (d *dispatcher) step(ctx context.Context, now time.Time) error {
	if !now.Before(d.next) && len(d.cases) < mostOpenCases {
		if err := d.takeCall(ctx, now); err != nil {
			return err
		}
	}
	for _, c := range d.cases {
		if err := d.attend(ctx, c, now); err != nil {
			return err
		}
	}
	return nil
}

func (d *dispatcher) takeCall(ctx context.Context, now time.Time) error {
	every := laterEvery
	if d.calls < firstCalls {
		every = firstEvery
	}
	d.next = now.Add(every + time.Duration(d.rng.IntN(30))*time.Second)
	category := categories[d.calls%len(categories)]
	d.calls++
	place := d.places[d.rng.IntN(len(d.places))]
	same := d.heardOf()
	if same != nil {
		category, place.Point = same.category, geo.PointAtBearingAndDistance(same.scene, d.rng.Float64()*360, d.rng.Float64()*60)
	}
	var opened incidentView
	err := d.api.post(ctx, "/incidents", call{
		Category:    category,
		Location:    location{Lat: place.Point[1], Lon: place.Point[0]},
		Address:     fmt.Sprintf("Desa %s, Kec. %s", place.Name, place.District),
		Caller:      fmt.Sprintf("+62 8%09d (simulasi)", d.rng.IntN(1e9)),
		Description: storyFor[category],
	}, &opened)
	if err != nil {
		return err
	}
	c := &caseFile{
		id: opened.ID, category: category, scene: place.Point, units: map[string]bool{},
		dispatchAt: now.Add(time.Duration(20+d.rng.IntN(50)) * time.Second),
	}
	if same != nil {
		c.sameAs, c.mergeAt = same.id, now.Add(time.Duration(15+d.rng.IntN(180))*time.Second)
	}
	d.cases[opened.ID] = c
	return nil
}

// heardOf is an open case about which somebody else calls now, nil for mostly none.
func (d *dispatcher) heardOf() *caseFile {
	if d.calls < firstCalls || d.rng.IntN(8) != 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(d.cases)) {
		if c := d.cases[id]; c.sameAs == "" && c.closeAt.IsZero() {
			return c
		}
	}
	return nil
}

// merge makes a case a part of the one that it is about, with the units that were sent to
// it.
func (d *dispatcher) merge(ctx context.Context, c *caseFile) error {
	same := d.cases[c.sameAs]
	c.mergeAt = time.Time{}
	if same == nil || !same.closeAt.IsZero() {
		return nil // that is over: this one goes on by itself
	}
	delete(d.cases, c.id)
	d.merged[c.id] = same.id
	for unit, done := range c.units {
		same.units[unit] = done
	}
	if same.sentAt.IsZero() {
		same.sentAt = c.sentAt
	}
	return d.api.post(ctx, "/incidents/"+c.id+"/merge", map[string]string{"into": same.id, "reason": "panggilan kedua"}, nil)
}

// attend does what one case needs at now.
func (d *dispatcher) attend(ctx context.Context, c *caseFile, now time.Time) error {
	switch {
	case !c.closeAt.IsZero() && !now.Before(c.closeAt):
		delete(d.cases, c.id)
		return d.api.post(ctx, "/incidents/"+c.id+"/close", struct{}{}, nil)
	case !c.mergeAt.IsZero() && !now.Before(c.mergeAt):
		return d.merge(ctx, c)
	case len(c.units) == 0 && !now.Before(c.dispatchAt):
		return d.dispatch(ctx, c, now)
	case len(c.units) > 0 && !now.Before(c.reviewAt):
		c.reviewAt = now.Add(time.Duration(6*60+d.rng.IntN(6*60)) * time.Second)
		d.askBack(c, now)
		return d.api.post(ctx, "/incidents/"+c.id+"/review", struct{}{}, nil)
	}
	return nil
}

// dispatch sends the nearest free team of each agency that the category needs.
func (d *dispatcher) dispatch(ctx context.Context, c *caseFile, now time.Time) error {
	var units []string
	for _, agency := range agencyFor[c.category] {
		if t := d.nearestFree(agency, c.scene, units); t != "" {
			units = append(units, t)
		}
	}
	if len(units) == 0 {
		c.dispatchAt = now.Add(30 * time.Second) // nobody free: try again
		return nil
	}
	if err := d.api.post(ctx, "/incidents/"+c.id+"/dispatch", map[string]any{"units": units}, nil); err != nil {
		return err
	}
	for _, u := range units {
		c.units[u] = false
	}
	c.sentAt, c.reviewAt = now, now.Add(time.Duration(5*60+d.rng.IntN(5*60))*time.Second)
	return nil
}

func (d *dispatcher) nearestFree(agency string, scene orb.Point, taken []string) string {
	best, bestM := "", 0.0
	for id, c := range d.teams {
		if c.team.Agency != agency || c.phase != waiting || c.incident != "" || slices.Contains(taken, id) || d.busy(id) {
			continue
		}
		if m := geo.Distance(c.at, scene); best == "" || m < bestM || m == bestM && id < best {
			best, bestM = id, m
		}
	}
	return best
}

// busy tells whether a unit was sent to a case that it has not completed.
func (d *dispatcher) busy(unit string) bool {
	for _, c := range d.cases {
		if done, sent := c.units[unit]; sent && !done {
			return true
		}
	}
	return false
}

// completed notes that a unit has reported the end of its work; when the last
// one has, the case is closed within the SOP's two minutes, or a little after.
func (d *dispatcher) completed(incident, unit string, now time.Time) {
	if into := d.merged[incident]; into != "" {
		incident = into
	}
	c := d.cases[incident]
	if c == nil {
		return
	}
	if _, sent := c.units[unit]; !sent {
		return
	}
	c.units[unit] = true
	d.closeWhenDone(c, now)
}

// askBack notes of a case's units those that are at their posts again and whose completed key
// was lost: the dispatcher asks by voice, when the case is reviewed.
func (d *dispatcher) askBack(c *caseFile, now time.Time) {
	for id := range c.units {
		if cr := d.teams[id]; cr.phase == waiting && cr.incident == "" && cr.back.After(c.sentAt) {
			c.units[id] = true
		}
	}
	d.closeWhenDone(c, now)
}

// closeWhenDone plans the end of a case of which every unit has completed.
func (d *dispatcher) closeWhenDone(c *caseFile, now time.Time) {
	for _, done := range c.units {
		if !done {
			return
		}
	}
	if c.closeAt.IsZero() {
		c.closeAt = now.Add(time.Duration(30+d.rng.IntN(120)) * time.Second)
	}
}
