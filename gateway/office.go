package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/datadir"
	"htgateway/gateway/history/record"
	"htgateway/gateway/history/replay"
	"htgateway/gateway/http/api"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/http/web"
	"htgateway/gateway/ops/metrics"
	"htgateway/geo"
)

// makeOffice makes what people see: the API with its page, and who may ask it.
func (g *Gateway) makeOffice() (err error) {
	// Sessions live by the real clock also where the gateway's is simulated.
	g.door, err = signin.New(signin.Options{
		UsersFile: g.c.HTTP.UsersFile, SessionsFile: datadir.Of(g.c).Sessions(), Verifier: g.verifier,
		Token: string(g.c.HTTP.Token), OIDC: g.c.HTTP.Vouching(), Now: time.Now, Log: g.o.Log, Note: signin.JournalAttempts(g.journal, g.o.Log),
	})
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(g.c.HTTP.Listen) // checked by config
	ip := net.ParseIP(host)
	records := g.records()
	o := api.Options{
		State: g.fold, Desk: g.desk, Updates: g.updates, Series: g.store, DeadLetters: g.updates, Links: g.parts.Status,
		Devices: func() api.Devices { return api.DevicesOf(g.since, g.intake.Devices(), g.units(), g.brokerAccounts()) },
		Report: func(ctx context.Context, id string) (api.Report, bool, error) {
			f, found, err := records.Frame(ctx, id)
			return api.Report{Report: f.Report, JournaledAt: f.JournaledAt, Heard: f.Heard}, found, err
		},
		Record: func(ctx context.Context, name string, withCaller bool) (api.Sheet, bool, error) {
			return records.Sheet(ctx, name, withCaller)
		},
		NotReady: g.parts.NotReady, Places: g.places,
		Plan: g.c.Plan, Roster: g.units, Enrolment: g.enrolment(), County: g.c.County,
		Map:        api.Map{Tiles: g.c.Map.Tiles, Attribution: g.c.Map.Attribution, PMTilesFile: g.c.Map.PMTilesFile, GeoJSONFile: g.c.Map.GeoJSONFile},
		StaleAfter: g.c.Tracker.StaleAfter, Now: g.o.Now, Speed: g.o.Speed, Door: g.door, Posts: g.phones,
		LoopbackOnly: host == "localhost" || ip != nil && ip.IsLoopback(),
		Page:         web.Handler(), Policy: web.Policy(g.c.Map.TilesOrigin()), Registry: g.registry(), Log: g.o.Log,
		Elsewhere: g.c.Elsewhere(), Standby: g.cluster.Standby,
		Replay: func(ctx context.Context, a replay.Ask, tell func(replay.Moment) error) error {
			a.Settings = g.trackerSettings(g.units()) // the present roster and plan
			return replay.Run(ctx, g.journal, a, tell)
		},
	}
	if g.sites != nil {
		o.Edges = g.sites
	}
	g.api = api.New(o)
	return nil
}

// records gathers the sheets of incidents.
func (g *Gateway) records() *record.Gatherer {
	return &record.Gatherer{
		State: g.fold, Journal: g.journal, Updates: g.updates, Plan: g.c.Plan, Units: g.units, Links: g.linkIDs, Hearers: g.intake.Hearers,
		Landmarks: record.LandmarksOf(g.places), Office: g.c.Letterhead(), Zone: geo.WIB(), Now: g.o.Now,
	}
}

// enrolment is what the API offers for enrolment.
func (g *Gateway) enrolment() api.Enrolment {
	e := api.Enrolment{
		Roster: g.roster, Settled: g.settled, Receive: g.keypads.Take, Verifier: g.verifier,
		PerSecond: g.c.DeviceReports.PerSecond, Burst: g.c.DeviceReports.Burst, PublicURL: g.c.HTTP.PublicURL,
	}
	if g.broker != nil {
		e.BrokerPort, e.BrokerTLS, e.BrokerLocal = g.broker.Door()
	}
	return e
}

// settleWithin is how long, in real time, an answer waits for its effect; the act itself is in
// the journal.
const settleWithin = 10 * time.Second

// settled returns once everything journaled is folded, or after a while.
func (g *Gateway) settled(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	_ = g.fold.Ready(ctx) // an error is that the while is over
}

// brokerAccounts are the embedded broker's, none without one.
func (g *Gateway) brokerAccounts() []mqttbroker.Account {
	if g.broker == nil {
		return []mqttbroker.Account{}
	}
	return g.broker.Accounts()
}

// registry has the counters for Prometheus.
func (g *Gateway) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(metrics.NewCollector(metrics.Sources{
		Parts: g.parts, Journal: g.journal, Tracker: g.fold, Updates: g.updates, Series: g.series,
		Devices: g.intake, Units: g.units, Accounts: g.brokerAccounts,
	}), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// serve listens for HTTP. The listener is bound before anything is said to be ready.
func (g *Gateway) serve(group *errgroup.Group, ctx context.Context) error {
	l, err := net.Listen("tcp", g.c.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("cannot serve the page: %w", err)
	}
	// No write timeout: it would end the event stream. Each write there has a
	// deadline of its own.
	// A stop ends what is only read. What brings something is finished: its context goes
	// on, beside the fold, until the drain is over.
	server := &http.Server{Handler: api.EndReads(ctx, g.api.Handler()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(g.o.Log.Handler(), slog.LevelWarn), BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
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
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		defer cancel()
		if server.Shutdown(closing) != nil {
			return server.Close() // which breaks the connections of what is not finished
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
