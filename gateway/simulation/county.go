package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"
)

// Options of a simulated county.
type Options struct {
	// API is the base of the gateway's API, "http://127.0.0.1:8112/api/v1".
	API string
	// Token for the API, empty when none is needed.
	Token string
	// Broker is where phones publish, "127.0.0.1:1883".
	Broker string
	// Passwords of the phones' users at the broker; a missing one is anonymous.
	Passwords map[string]string
	// Stations, in the order of [Bases].
	Stations []*Station
	Places   []Place
	Clock    *Clock
	Seed     uint64
	// Loss is the share of radio bursts that no base station hears, 0 to 1.
	Loss float64
	// Skew is how far a device's own clock may be off, either way; each has its
	// own error, which does not change.
	Skew time.Duration
	// Truth, when not nil, takes what really happens.
	Truth *Truth
	Log   *slog.Logger
}

// County is the simulated county.
type County struct {
	o      Options
	rng    *rand.Rand
	crews  map[string]*crew
	order  []string
	phones map[string]*phone
	desk   *dispatcher
	news   chan change
	noise  time.Time
	// messages counts the APRS teams' messages, which are numbered.
	messages int
	// skews are the errors of the devices' clocks, by their numbers and users.
	skews map[string]time.Duration
	// spares are the radios of the store; one is given out at a time from exchange on.
	spares   []string
	exchange time.Time
}

// tick is how often, in real time, everybody acts.
const tick = 20 * time.Millisecond

// New prepares a county; nothing happens before [County.Run].
func New(o Options) *County {
	c := &County{
		o: o, rng: rand.New(rand.NewPCG(o.Seed, 2026)), crews: map[string]*crew{}, // #nosec G404 -- a simulation that runs the same way again
		phones: map[string]*phone{}, news: make(chan change, 4096), noise: o.Clock.Now().Add(20 * time.Second),
		skews: map[string]time.Duration{}, spares: slices.Clone(spares), exchange: o.Clock.Now().Add(exchangeEvery),
	}
	now := o.Clock.Now()
	for i, t := range Teams() {
		c.crews[t.ID] = newCrew(t, o.Seed+uint64(i), now)
		c.order = append(c.order, t.ID)
		c.crews[t.ID].happened = func(milestone string, at time.Time) {
			o.Truth.Note(Happened{Incident: c.crews[t.ID].incident, Unit: t.ID, Milestone: milestone, At: at})
		}
		for _, device := range append(t.Phones(), t.Number) {
			c.skew(device)
		}
	}
	for _, spare := range spares {
		c.skew(spare)
	}
	c.desk = &dispatcher{
		api:   &apiClient{base: o.API, token: o.Token, client: &http.Client{}},
		rng:   rand.New(rand.NewPCG(o.Seed, 110)), // #nosec G404 -- a simulation that runs the same way again
		teams: c.crews, places: o.Places, log: o.Log, cases: map[string]*caseFile{}, merged: map[string]string{}, next: now.Add(5 * time.Second),
	}
	return c
}

// skew gives a device's clock its error.
func (c *County) skew(device string) {
	if _, has := c.skews[device]; !has && c.o.Skew > 0 {
		c.skews[device] = time.Duration(c.rng.Int64N(2*int64(c.o.Skew)+1)) - c.o.Skew
	}
}

// Run plays until ctx ends.
func (c *County) Run(ctx context.Context) error {
	for _, id := range c.order {
		for _, user := range c.crews[id].team.Phones() {
			p, err := dialPhone(c.o.Broker, user, c.o.Passwords[user])
			if err != nil {
				return err
			}
			defer p.close()
			c.phones[user] = p
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range c.o.Stations {
		g.Go(func() error { return s.Run(ctx) })
	}
	g.Go(func() error { return c.listen(ctx) })
	g.Go(func() error { return c.play(ctx) })
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("simulation stopped: %w", err)
	}
	return nil
}

// followAgain is how long, in simulated time, a broken event stream rests.
const followAgain = 2 * time.Second

// listen passes the gateway's updates to whoever they concern.
func (c *County) listen(ctx context.Context) error {
	for ctx.Err() == nil {
		err := c.desk.api.changes(ctx, func(n change) {
			select {
			case c.news <- n:
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			c.o.Log.Warn("event stream broke; following again", "reason", err)
			if c.o.Clock.Wait(ctx, followAgain) != nil {
				return nil // the end
			}
		}
	}
	return nil
}

// play is the one goroutine in which crews and dispatcher act.
func (c *County) play(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-c.news:
			if err := c.hear(ctx, n); err != nil {
				c.o.Log.Warn("simulated desk failed", "reason", err)
			}
		case <-ticker.C:
			c.act(ctx, c.o.Clock.Now())
		}
	}
}

// hear reacts to one update: a team that was sent sets off, whoever sent it.
func (c *County) hear(ctx context.Context, n change) error {
	now := c.o.Clock.Now()
	switch {
	case n.Kind == "assigned":
		cr := c.crews[n.Unit]
		if cr == nil || cr.incident == n.Incident || c.desk.merged[cr.incident] == n.Incident && cr.incident != "" {
			return nil
		}
		var v incidentView
		if err := c.desk.api.get(ctx, "/incidents/"+n.Incident, &v); err != nil {
			return err
		}
		if v.Location == nil {
			return errors.New("the incident has no place to drive to")
		}
		cr.send(now, n.Incident, orb.Point{v.Location.Lon, v.Location.Lat})
		cr.happened("dispatched", n.At)
	case n.Kind == "milestone" && n.Milestone != nil && n.Milestone.Name == "completed":
		c.desk.completed(n.Incident, n.Unit, now)
	case n.Kind == "alert" && n.Alert != nil && n.Alert.Kind == "emergency":
		return c.desk.api.post(ctx, "/alerts/"+n.Alert.ID+"/acknowledge", map[string]string{"reason": "ditanyakan lewat radio"}, nil)
	}
	return nil
}

func (c *County) act(ctx context.Context, now time.Time) {
	for _, id := range c.order {
		cr := c.crews[id]
		for _, a := range cr.step(now) {
			if err := c.send(cr, a, now); err != nil {
				c.o.Log.Warn("simulated equipment failed", "unit", id, "reason", err)
			}
		}
	}
	if err := c.desk.step(ctx, now); err != nil && ctx.Err() == nil {
		c.o.Log.Warn("simulated desk failed", "reason", err)
	}
	if now.After(c.exchange) {
		c.exchange = now.Add(exchangeEvery)
		if err := c.exchangeRadio(ctx); err != nil && ctx.Err() == nil {
			c.o.Log.Warn("a radio could not be exchanged", "reason", err)
		}
	}
	if now.After(c.noise) {
		c.noise = now.Add(time.Duration(25+c.rng.IntN(60)) * time.Second)
		c.disturb(now)
	}
}

// send gives an action to the team's equipment.
func (c *County) send(cr *crew, a action, now time.Time) error {
	number := cr.team.Number
	switch a.by {
	case byCarried:
		number = cr.team.Carried
	case byLeft:
		number = cr.team.Left
	case byRadio:
	}
	a.obs.at = a.obs.at.Add(c.skews[number])
	dark := !now.Before(cr.darkFrom) && now.Before(cr.darkUntil) && a.by != byLeft
	if p := c.phones[number]; p != nil {
		switch {
		case dark:
			p.goAway(cr.darkUntil)
		case cr.phase == driving && c.rng.IntN(80) == 0:
			p.goAway(now.Add(cr.between(30, 180)))
		}
		if a.key != "" {
			return p.press(now, a.obs, a.key)
		}
		return p.locate(now, a.obs)
	}
	if dark || c.o.Loss > 0 && c.rng.Float64() < c.o.Loss {
		return nil
	}
	switch cr.team.Radio {
	case NEXEDGE:
		c.o.Stations[digital].Hear(slices.Concat(nexedgeID(number, true),
			nexedgePosition(number, a.obs, nexedgeCode[a.key]), nexedgeID(number, false)))
	case APRS:
		if a.key != "" {
			c.messages++
			c.o.Stations[orari].Hear(aprsMessage(number, aprsWord[a.key], c.messages))
			return nil
		}
		if a.obs.lock {
			c.o.Stations[orari].Hear(aprsPosition(number, a.obs))
		}
	case TETRA:
		if a.key != "" {
			c.o.Stations[terminal].Hear(tetraStatus(number, tetraCode[a.key]))
		}
		if a.obs.lock {
			c.o.Stations[terminal].Hear(tetraPosition(number, a.obs))
		}
	case Phone: // it has its own way, above
	case FleetSync:
		code := fleetSyncCode[a.key]
		burst := slices.Concat(callerID(number, true), fleetSyncPosition(number, a.obs, code), callerID(number, false))
		if code != "" && c.rng.IntN(4) == 0 {
			burst = slices.Concat(callerID(number, true), fleetSyncKey(number, code), callerID(number, false))
		}
		c.o.Stations[ciremai].Hear(burst)
		if c.rng.IntN(3) == 0 {
			c.o.Stations[kota].Hear(burst)
		}
	}
	return nil
}

// exchangeEvery is how often a team gets another radio.
const exchangeEvery = 25 * time.Minute

// exchangeRadio gives a team that waits another FleetSync radio: a dispatcher binds it, and
// releases the one that goes to the store, from where another team may get it.
func (c *County) exchangeRadio(ctx context.Context) error {
	for _, i := range c.rng.Perm(len(c.order)) {
		cr := c.crews[c.order[i]]
		if cr.team.Radio != FleetSync || cr.phase != waiting || cr.incident != "" {
			continue
		}
		old, spare := cr.team.Device(), c.spares[0]
		path := "/units/" + cr.team.ID + "/devices"
		if err := c.desk.api.post(ctx, path, map[string]string{"device": "fleetsync:" + spare}, nil); err != nil {
			return err
		}
		c.spares = append(c.spares[1:], cr.team.Number)
		cr.team.Number = spare
		return c.desk.api.delete(ctx, path+"/"+old)
	}
	return nil
}

// The keys as the simulated radios are programmed (firmware-notes/protocols.md section 6).
var (
	nexedgeCode = map[string]string{
		"acknowledged": "1", "en_route": "2", "on_scene": "3", "in_progress": "4", "needs_assistance": "5",
		"completed": "6", "returning": "7", "available": "8",
	}
	fleetSyncCode = map[string]string{
		"acknowledged": "11", "en_route": "12", "on_scene": "13", "in_progress": "14", "needs_assistance": "15",
		"completed": "16", "returning": "17", "available": "18",
	}
	aprsWord = map[string]string{
		"acknowledged": "#1", "en_route": "OTW", "on_scene": "TIBA", "in_progress": "PROSES", "needs_assistance": "BANTU",
		"completed": "SELESAI", "returning": "KEMBALI", "available": "#8",
	}
	tetraCode = map[string]string{
		"acknowledged": "8001", "en_route": "8002", "on_scene": "8003", "in_progress": "8004", "needs_assistance": "8005",
		"completed": "8006", "returning": "8007", "available": "8008",
	}
)

// disturb puts on the air what real channels carry: noise, a broken sentence, a
// radio that nobody knows.
func (c *County) disturb(now time.Time) {
	o := observation{at: now, point: majalengka, lock: true}
	switch c.rng.IntN(4) {
	case 0:
		noise := make([]byte, 12+c.rng.IntN(30))
		for i := range noise {
			noise[i] = byte(c.rng.UintN(256))
		}
		c.o.Stations[ciremai].Hear(noise)
	case 1:
		broken := fleetSyncPosition("102-1001", o, "")
		broken[20] ^= 0x01
		c.o.Stations[ciremai].Hear(broken)
	case 2:
		c.o.Stations[kota].Hear(fleetSyncPosition("110-1999", o, ""))
	case 3:
		whole := nexedgePosition("00103", o, "")
		c.o.Stations[digital].Hear(whole[:len(whole)/2])
	}
}
