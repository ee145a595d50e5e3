package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"htgateway/devices"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/cluster"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/http/api"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/http/web"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/journal/probe"
	"htgateway/gateway/memory"
	"htgateway/gateway/outbound/downlink"
	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/outbound/sink"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/gateway/status"
	"htgateway/geo"
	"htgateway/geo/places"
	"htgateway/telemetry"
)

// Options are what a gateway is run with beside its configuration.
type Options struct {
	// Now is the gateway's clock; Speed its factor against real time, 1 but in a
	// demo.
	Now   func() time.Time
	Speed float64
	// Users, when not nil, brings the embedded broker's users whenever they change.
	Users UserChanges
	// Ready, when not nil, is called once the gateway serves.
	Ready func(Address)
	Log   *slog.Logger
}

// Address is where a gateway can be reached.
type Address struct {
	// HTTP is the page's address with scheme, "http://127.0.0.1:8112".
	HTTP string
	// Broker is the embedded broker's host and port, empty without one; BrokerTLS that
	// of its listener with TLS.
	Broker, BrokerTLS string
	// OneTimeKey opens one session at HTTP/enter?key=…
	OneTimeKey string
}

// Gateway is a running gateway's parts.
type Gateway struct {
	c config.Config
	o Options

	journal datadir.OpenedJournal
	cluster *cluster.Member
	updates *updatelog.Log
	store   telemetry.Store
	intake  *intake.Intake
	fold    *fold.Fold
	desk    *desk.Desk
	places  *places.Gazetteer
	broker  *mqttbroker.Broker
	links   []*liveLink
	// radios are the links that may transmit.
	radios   []downlink.Radio
	downlink *downlink.Downlink
	series   *series.Sink
	api      *api.Server
	door     *signin.Door
	// caughtUp is set once everything that the journal held at the start is folded.
	caughtUp atomic.Bool
	tellers  []teller
	// sinks are those that are shown; followers those of them that follow the updates.
	sinks      []status.Reporter
	followers  []sink.Sink
	publishers []*mqtt.Publisher
	phones     *link.Phones
	edges      *link.Edges  // nil at an edge site
	centre     *edge.Sender // nil but at an edge site
	since      time.Time    // when it began
	members    members
	probe      *probe.Probe
	audit      *intake.LedgerAudit
	enrolling
}

// sinkPace is how often stores and brokers are given what is new, at most.
const sinkPace = 100 * time.Millisecond

// seriesGivesWay is how long the series lets a flood of reports go first: what it tells
// is asked for later, and an acknowledgement is waited for now.
const seriesGivesWay = 5 * time.Second

// drainWithin is how long a gateway takes at most to finish what it has taken.
const drainWithin = 4 * time.Second

// Run runs a gateway until ctx ends, then lets it finish what it has taken.
func Run(ctx context.Context, c config.Config, o Options) error {
	if err := os.MkdirAll(c.Data.Dir, 0o750); err != nil {
		return fmt.Errorf("cannot make the data folder: %w", err)
	}
	for {
		g := &Gateway{c: c, o: o, since: o.Now().UTC()}
		err := g.open(ctx)
		if err == nil {
			err = g.run(ctx)
		}
		err = errors.Join(err, g.close())
		if !errors.Is(err, cluster.ErrRestart) || ctx.Err() != nil {
			return err
		}
		o.Log.Warn("beginning anew", "reason", err)
	}
}

// open opens the files and makes the parts, from the journal outwards.
func (g *Gateway) open(ctx context.Context) error {
	gazetteer, err := g.c.Gazetteer()
	if err != nil {
		return err
	}
	g.places = gazetteer
	folder := datadir.Of(g.c)
	if g.journal, err = datadir.OpenJournal(ctx, g.c, g.o.Now, g.o.Log); err != nil {
		return err
	}
	if g.cluster, err = cluster.Join(ctx, g.journal, cluster.Options{Area: g.c.Journal.Area, Now: g.o.Now, Log: g.o.Log}); err != nil {
		return err
	}
	g.probe = probe.New(g.journal, probe.Options{Writes: g.cluster.Leads, Now: g.o.Now, Log: g.o.Log})
	if g.updates, err = folder.OpenUpdates(ctx); err != nil {
		return err
	}
	if g.store, err = datadir.OpenSeries(ctx, g.c); err != nil {
		return err
	}
	if err := g.openRoster(ctx); err != nil {
		return err
	}
	settings, _ := g.trackerSettings()
	if err := fold.Prepare(ctx, g.updates, settings); err != nil {
		return err
	}
	g.intake = intake.New(g.journal, intake.Options{
		Codebook: g.c.Codebook(), Now: g.o.Now, Log: g.o.Log,
		Again: func(r *devices.Report) { g.downlink.Again(r) }, // links begin after it is made
	})
	if err := g.intake.Recall(ctx); err != nil {
		return err
	}
	g.audit = intake.NewLedgerAudit(g.ledgers, g.o.Log)
	g.fold = fold.New(g.journal, g.updates, settings, g.o.Log)
	g.fold.CheckpointIn(folder.TrackerState())
	g.desk = desk.New(g.journal, g.fold, desk.Options{
		Plan: g.c.Plan, Places: gazetteer, Now: g.o.Now, Zone: wib,
		Forget: func(ctx context.Context, id string) error {
			return g.forgetCaller(ctx, id)
		},
		Route: func(unit string, poll bool) (devices.Identity, string, error) { return g.downlink.Route(unit, poll) },
	})
	if err := g.makeLinks(); err != nil {
		return err
	}
	if err := errors.Join(g.makeSinks(), g.addCentre()); err != nil {
		return err
	}
	g.downlink = downlink.New(g.journal, downlink.Options{Roster: g.units(), Radios: g.radios, Now: g.o.Now, Log: g.o.Log})
	g.series = series.New(series.Settings{
		Kind: g.c.Telemetry.Store, Store: g.store, Updates: g.updates, Paced: g.updates.Paced(sinkPace).YieldingUnderLoad(seriesGivesWay), Now: g.o.Now, Log: g.o.Log,
	})
	if err := g.openDoor(); err != nil {
		return err
	}
	g.api = g.newAPI(gazetteer)
	return nil
}

// wib is the time in which days and incident numbers are counted.
var wib = geo.WIB()

func (g *Gateway) newAPI(gazetteer *places.Gazetteer) *api.Server {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(g), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	host, _, _ := net.SplitHostPort(g.c.HTTP.Listen) // checked by config
	ip := net.ParseIP(host)
	o := api.Options{
		State: g.fold, Desk: g.desk, Updates: g.updates, Series: g.store,
		DeadLetters: g.deadLetters, Links: g.linkViews, Devices: g.devices, Report: g.report, Record: g.sheet, Trouble: g.trouble, Places: gazetteer,
		Plan: g.c.Plan, Roster: g.units, Enrolment: g.enrolmentDesk(), County: g.c.County, Map: g.mapSettings(),
		StaleAfter: g.c.Tracker.StaleAfter, Now: g.o.Now, Speed: g.o.Speed, Door: g.door, Posts: g.posts(),
		LoopbackOnly: host == "localhost" || ip != nil && ip.IsLoopback(),
		Page:         web.Handler(), Policy: web.Policy(g.c.Map.TilesOrigin()), Registry: registry, Log: g.o.Log,
		Elsewhere: g.elsewhere(), Standby: g.cluster.Standby, Replay: g.replay,
	}
	if g.edges != nil {
		o.Edges = g.edges
	}
	return api.New(o)
}

// run starts everything and stops it in reverse: inputs first, so that what was
// taken is still folded and stored.
func (g *Gateway) run(ctx context.Context) error {
	core, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCore()
	sinks, sinkCtx := errgroup.WithContext(core)
	sinks.Go(func() error { return g.follow(sinkCtx) })
	sinks.Go(func() error { return g.cluster.WhenLeading(sinkCtx, g.downlink.Run) })
	sinks.Go(func() error {
		return g.cluster.WhenLeading(sinkCtx, func(ctx context.Context) error { return g.cluster.ShareCursors(ctx, g.updates) })
	})
	sinks.Go(func() error { return g.probe.Run(sinkCtx) })
	sinks.Go(func() error { return g.audit.Run(sinkCtx) })
	sinks.Go(func() error { return g.cluster.WhenLeading(sinkCtx, g.forget) })
	sinks.Go(func() error { return g.forgetAlong(sinkCtx) })
	sinks.Go(func() error {
		return memory.Tune(sinkCtx, memory.Options{CaughtUp: g.caughtUp.Load, Drop: g.dropCaches, Log: g.o.Log})
	})
	if g.centre != nil {
		sinks.Go(func() error { return g.centre.Run(sinkCtx) })
	}
	sinks.Go(func() error {
		return g.cluster.WhenLeading(sinkCtx, func(ctx context.Context) error {
			telemetry.SampleLinks(ctx, g.store, sampleEvery, g.linkSamples, g.o.Log)
			return nil
		})
	})

	inputs, inputCtx := errgroup.WithContext(ctx)
	inputs.Go(func() error { // a failing sink ends the inputs too
		select {
		case <-sinkCtx.Done():
			return context.Cause(sinkCtx)
		case <-inputCtx.Done():
			return nil
		}
	})
	if err := g.serve(inputs, inputCtx); err != nil {
		stopCore()
		return errors.Join(err, sinks.Wait())
	}
	inputs.Go(func() error {
		lost, err := g.cluster.TakeOver(inputCtx, cluster.Parts{State: g.fold, Intake: g.intake, Cursors: g.updates})
		if err != nil {
			if inputCtx.Err() != nil {
				return nil // ended before it was this one's turn
			}
			return err
		}
		for _, l := range g.links {
			for _, part := range l.parts {
				inputs.Go(func() error { return part(inputCtx) })
			}
		}
		select {
		case <-lost:
			return fmt.Errorf("%w: another gateway took over", cluster.ErrRestart)
		case <-inputCtx.Done():
			return nil
		}
	})
	err := inputs.Wait()
	drain, cancel := context.WithTimeout(core, drainWithin)
	defer cancel()
	if drainErr := g.drain(drain); drainErr != nil {
		g.o.Log.Warn("not everything was drained; it is in the journal", "reason", drainErr)
	}
	stopCore()
	return errors.Join(err, sinks.Wait())
}

// serve listens for HTTP. The listener is bound before anything is said to be ready.
func (g *Gateway) serve(group *errgroup.Group, ctx context.Context) error {
	l, err := net.Listen("tcp", g.c.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("cannot serve the page: %w", err)
	}
	// No write timeout: it would end the event stream. Each write there has a
	// deadline of its own.
	server := &http.Server{Handler: g.api.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(g.o.Log.Handler(), slog.LevelWarn), BaseContext: func(net.Listener) context.Context { return ctx }}
	scheme := "http"
	group.Go(func() error {
		var err error
		if g.c.HTTP.TLSCert != "" {
			err = server.ServeTLS(l, g.c.HTTP.TLSCert, g.c.HTTP.TLSKey)
		} else {
			err = server.Serve(l)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("cannot serve the page: %w", err)
	})
	if g.c.HTTP.TLSCert != "" {
		scheme = "https"
	}
	group.Go(func() error {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil {
			return server.Close() // event streams do not end by themselves
		}
		return nil
	})
	a := Address{HTTP: scheme + "://" + l.Addr().String(), OneTimeKey: g.door.OneTimeKey(signin.Person{Name: "demo", Role: signin.Owner})}
	if g.broker != nil {
		a.Broker, a.BrokerTLS = g.broker.Addr(), g.broker.TLSAddr()
	}
	g.o.Log.Info("serving", "page", a.HTTP, "broker", a.Broker, "broker_tls", a.BrokerTLS)
	if g.o.Ready != nil {
		g.o.Ready(a)
	}
	return nil
}

// ledgers are what became of everything that each link received.
func (g *Gateway) ledgers() map[string]intake.Ledger {
	out := map[string]intake.Ledger{}
	for _, l := range g.links {
		out[l.id] = g.intake.Ledger(l.id)
	}
	return out
}

// drain waits until everything journaled has been folded and stored.
func (g *Gateway) drain(ctx context.Context) error {
	if err := g.fold.Ready(ctx); err != nil {
		return err
	}
	return g.series.Drain(ctx)
}

// dropCaches drops what journal and updates have at hand for a busy gateway.
func (g *Gateway) dropCaches(ctx context.Context) error {
	g.journal.Rest()
	return g.updates.Rest(ctx)
}

func (g *Gateway) setAside(ctx context.Context, r telemetry.Refused) error {
	return g.updates.SetAside(ctx, updatelog.DeadLetter{
		Sink: "series", Seq: r.Seq, At: g.o.Now(), Reason: r.Reason, Body: fmt.Sprintf("%+v", r.Point),
	})
}

// trouble is why the gateway is not ready.
func (g *Gateway) trouble() error {
	if err := g.journal.Trouble(); err != nil {
		return fmt.Errorf("the journal cannot be written, nothing is acknowledged: %w", err)
	}
	if !g.caughtUp.Load() {
		return errors.New("still reading the journal")
	}
	if why := g.cluster.Standby(); why != "" {
		return errors.New(why)
	}
	return nil
}

func (g *Gateway) close() error {
	var errs []error
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	if g.updates != nil {
		errs = append(errs, g.updates.Close())
	}
	if g.journal != nil {
		errs = append(errs, g.journal.Close())
	}
	return errors.Join(errs...)
}
