package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/devices"
	"htgateway/gateway/http/api"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/incident"
	"htgateway/gateway/memory"
	"htgateway/gateway/state/fold"
)

// enrolling is what makes an enrolment have its effect while the gateway runs.
type enrolling struct {
	roster *enrolment.Roster
	// changed tells that the roster is another one.
	changed chan struct{}

	mu      sync.Mutex
	version int           // the roster under which everything is folded
	folded  chan struct{} // closed and replaced when version grows
}

// httpLink is the id of the link over which keypads and programs send by HTTP.
const httpLink = "keypads"

// openRoster reads which device speaks for which unit, from the configuration and
// from the journal's acts.
func (g *Gateway) openRoster(ctx context.Context) (err error) {
	g.enrolling = enrolling{changed: make(chan struct{}, 1), folded: make(chan struct{})}
	g.members.fromFile = g.c.MQTT.Embedded.Users
	g.roster, err = enrolment.Load(ctx, g.journal, g.c.Units, g.o.Now, func() {
		g.letIn(nil)
		select {
		case g.enrolling.changed <- struct{}{}:
		default:
		}
	})
	return err
}

func (g *Gateway) units() []incident.Unit {
	units, _ := g.roster.Units()
	return units
}

// trackerSettings are the configured ones under the present roster.
func (g *Gateway) trackerSettings() (incident.Settings, int) {
	s := g.c.TrackerSettings()
	units, version := g.roster.Units()
	s.Roster = units
	return s, version
}

// follow runs everything that follows from the roster, from the tracker to the last
// sink, and begins it anew whenever the roster changes: what a device said before
// it was bound is then counted. Links, listeners and journal go on meanwhile.
func (g *Gateway) follow(ctx context.Context) error {
	for again := false; ; again = true {
		_, version := g.trackerSettings()
		if again {
			settings, v := g.trackerSettings()
			version = v
			if err := g.fold.ResetSettings(ctx, settings); err != nil {
				return fmt.Errorf("cannot count anew: %w", err)
			}
			g.downlink.SetRoster(settings.Roster)
		}
		life, end := context.WithCancel(ctx)
		group, groupCtx := errgroup.WithContext(life)
		endBatch := memory.Batch()
		g.runFollowers(group, groupCtx, again)
		group.Go(func() error {
			defer endBatch()
			if g.fold.Ready(groupCtx) == nil {
				g.caughtUp.Store(true)
				g.enrolling.grow(version)
			}
			return nil // ended before it was ready
		})
		select {
		case <-g.enrolling.changed:
		case <-groupCtx.Done():
		}
		end()
		err := group.Wait()
		if ctx.Err() != nil || err != nil && !errors.Is(err, fold.ErrBeginAgain) {
			return err
		}
	}
}

// runFollowers starts the tracker and its sinks. Those that tell people begin, when
// they begin again, once what they told before is folded.
func (g *Gateway) runFollowers(group *errgroup.Group, ctx context.Context, again bool) {
	group.Go(func() error { return g.fold.Run(ctx) })
	group.Go(func() error { return g.series.Run(ctx) })
	group.Go(func() error {
		return g.cluster.WhenLeading(ctx, func(ctx context.Context) error { return g.newAlarms().Run(ctx) })
	})
	settled := func(run func(context.Context) error) func() error {
		return func() error {
			if again && g.fold.Ready(ctx) != nil {
				return nil // ended first
			}
			return run(ctx)
		}
	}
	group.Go(settled(g.api.Run))
	for _, s := range g.followers {
		group.Go(func() error { return g.tell(ctx, s) })
	}
}

func (e *enrolling) grow(version int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if version > e.version {
		e.version = version
	}
	close(e.folded)
	e.folded = make(chan struct{})
}

// settleWithin is how long, in real time, an answer waits for its effect; the act
// itself is in the journal.
const settleWithin = 10 * time.Second

// settled returns once the present roster is the one that everything is folded
// under, or after a while.
func (g *Gateway) settled(ctx context.Context) {
	_, want := g.roster.Units()
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		g.enrolling.mu.Lock()
		have, folded := g.enrolling.version, g.enrolling.folded
		g.enrolling.mu.Unlock()
		if have >= want {
			return
		}
		select {
		case <-folded:
		case <-ctx.Done():
			return
		}
	}
}

// enrolmentDesk is what the API offers for enrolment.
func (g *Gateway) enrolmentDesk() api.Enrolment {
	posts := link.NewPosts(httpLink, g.intake)
	since := g.o.Now().UTC()
	g.links = append(g.links, &liveLink{
		id: httpLink, kind: "http", protocol: string(devices.FieldJSON),
		state: func() (string, time.Time, string) { return "up", since, "" },
	})
	port, secure, local := g.brokerDoor()
	return api.Enrolment{
		Roster: g.roster, Settled: g.settled, Receive: posts.Take,
		PerSecond: g.c.DeviceReports.PerSecond, Burst: g.c.DeviceReports.Burst,
		PublicURL: g.c.HTTP.PublicURL, BrokerPort: port, BrokerTLS: secure, BrokerLocal: local,
	}
}
