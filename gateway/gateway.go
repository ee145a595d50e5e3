package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"htgateway/devices/account"
	"htgateway/gateway/cluster"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/http/api"
	"htgateway/gateway/http/signin"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal/probe"
	"htgateway/gateway/ops/retention/erasure"
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
	Users <-chan map[string]account.User
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

// Gateway is a running gateway's parts, in the order in which the data goes.
type Gateway struct {
	c     config.Config
	o     Options
	since time.Time // when it began

	journal datadir.OpenedJournal
	probe   *probe.Probe
	cluster *cluster.Member
	updates *updatelog.Log
	store   telemetry.Store
	places  *places.Gazetteer

	// roster says which device speaks for which unit; accounts let in who may connect.
	roster *enrolment.Roster
	// eraser takes out of what is stored what must be forgotten.
	eraser   *erasure.Eraser
	accounts *enrolment.Accounts
	verifier *account.Verifier // of all passwords

	intake *intake.Intake
	fold   *fold.Fold
	desk   *desk.Desk

	links   []link.Link
	broker  *link.Broker // nil without one
	phones  *link.Phones
	sites   *link.Edges // nil at an edge site
	keypads *link.Keypads
	// radios are the links that may transmit.
	radios   []downlink.Radio
	downlink *downlink.Downlink

	series *series.Sink
	// sinks follow the updates, publishers among them.
	sinks      []sink.Sink
	publishers []*mqtt.Publisher
	centre     *edge.Sender // nil but at an edge site

	// parts are all of these that say how they stand.
	parts *status.Audit
	door  *signin.Door
	api   *api.Server
	// procedure is what its file says; the configuration has it as it was at each call.
	procedure sop.Plan
}

// Run runs a gateway until ctx ends, then lets it finish what it has taken.
func Run(ctx context.Context, c config.Config, o Options) error {
	if err := os.MkdirAll(c.Data.Dir, 0o750); err != nil {
		return fmt.Errorf("cannot make the data folder: %w", err)
	}
	verifier := account.NewVerifier(time.Now) // whoever guesses does so by the real clock
	for {
		g := &Gateway{c: c, o: o, since: o.Now().UTC(), verifier: verifier}
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

// open opens the files and makes the parts, in the order in which the data goes.
func (g *Gateway) open(ctx context.Context) error {
	if err := g.openFiles(ctx); err != nil {
		return err
	}
	if err := g.openProcedure(ctx); err != nil {
		return err
	}
	if err := g.openRoster(ctx); err != nil {
		return err
	}
	if err := g.makeCore(ctx); err != nil {
		return err
	}
	if err := g.makeLinks(); err != nil {
		return err
	}
	g.makeDownlink()
	if err := g.makeSinks(); err != nil {
		return err
	}
	g.parts = status.NewAudit(g.reporters(), g.o.Log)
	return g.makeOffice()
}

func (g *Gateway) openFiles(ctx context.Context) (err error) {
	if g.places, err = g.c.Gazetteer(); err != nil {
		return err
	}
	if g.journal, err = datadir.OpenJournal(ctx, g.c, g.o.Now, g.o.Log); err != nil {
		return err
	}
	if g.cluster, err = cluster.Join(ctx, g.journal, cluster.Options{Area: g.c.Journal.Area, Now: g.o.Now, Log: g.o.Log}); err != nil {
		return err
	}
	g.probe = probe.New(g.journal, probe.Options{Writes: g.cluster.Leads, Now: g.o.Now, Log: g.o.Log})
	if g.updates, err = datadir.Of(g.c).OpenUpdates(ctx); err != nil {
		return err
	}
	g.store, err = datadir.OpenSeries(ctx, g.c)
	return err
}

// openProcedure reads by which limits each incident is judged. Who leads keeps what the
// procedure's file says new; an edge site judges nothing.
func (g *Gateway) openProcedure(ctx context.Context) (err error) {
	g.procedure = g.c.Plan
	switch {
	case g.c.AtEdge():
	case g.cluster.Alone():
		g.c.Plan, _, err = g.keepProcedure(ctx)
	default:
		g.c.Plan, err = procedure.Plan(ctx, g.journal, g.procedure)
	}
	return err
}

// keepProcedure tells also whether the file's procedure is another than that of before.
func (g *Gateway) keepProcedure(ctx context.Context) (plan sop.Plan, changed bool, err error) {
	plan, changed, err = procedure.Keep(ctx, g.journal, g.procedure, g.o.Now())
	if changed {
		g.o.Log.Info("a procedure that was not seen before holds from now on", "file", g.c.SOPFile)
	}
	return plan, changed, err
}

// openRoster reads which device speaks for which unit, from the configuration and from the
// journal's acts.
func (g *Gateway) openRoster(ctx context.Context) (err error) {
	if g.roster, err = enrolment.Load(ctx, g.journal, g.c.Units, g.o.Now); err != nil {
		return err
	}
	g.accounts = enrolment.NewAccounts(g.roster, g.c.MQTT.Embedded.Users)
	g.roster.OnChange(g.accounts.Changed)
	g.roster.OnChange(func() { g.downlink.SetRoster(g.units()) })
	return nil
}

// makeCore makes what every report and every act goes through.
func (g *Gateway) makeCore(ctx context.Context) error {
	settings := g.trackerSettings(g.roster.Initial())
	if err := fold.Prepare(ctx, g.updates, settings); err != nil {
		return err
	}
	g.intake = intake.New(g.journal, intake.Options{Codebook: g.c.Codebook(), Now: g.o.Now, Log: g.o.Log})
	g.intake.CheckpointIn(datadir.Of(g.c).Heard())
	if err := g.intake.Recall(ctx); err != nil {
		return err
	}
	g.fold = fold.New(g.journal, g.updates, settings, g.o.Log)
	g.fold.CheckpointIn(datadir.Of(g.c).Checkpoint())
	g.eraser = &erasure.Eraser{Journal: g.journal, Updates: g.updates, State: g.fold, Folder: g.c.CAD.Folder, Units: g.units, Log: g.o.Log}
	g.desk = desk.New(g.journal, g.fold, desk.Options{Plan: g.c.Plan, Places: g.places, Now: g.o.Now, Zone: geo.WIB(), Forget: g.eraser.Finish, Log: g.o.Log})
	return nil
}

// makeDownlink makes the way out over the links that may transmit.
func (g *Gateway) makeDownlink() {
	g.downlink = downlink.New(g.journal, downlink.Options{Roster: g.units(), Radios: g.radios, Now: g.o.Now, Log: g.o.Log})
	g.intake.OnDuplicate(g.downlink.Again)
	g.desk.SendOver(g.downlink)
	g.eraser.Outbox = g.downlink
}

// reporters are all parts that say how they stand, in the order in which they are shown.
func (g *Gateway) reporters() []status.Reporter {
	var out []status.Reporter
	for _, l := range g.links {
		out = append(out, l)
	}
	out = append(out, g.desk, g.series)
	for _, s := range g.sinks {
		out = append(out, s)
	}
	if g.cluster.Alone() {
		out = append(out, g.probe)
	} else {
		out = append(out, g.cluster)
	}
	if g.centre != nil {
		out = append(out, g.centre)
	}
	return append(out, g.fold)
}

func (g *Gateway) units() []incident.Unit { return g.roster.Units() }

// trackerSettings are the configured ones with some roster.
func (g *Gateway) trackerSettings(units []incident.Unit) incident.Settings {
	s := g.c.TrackerSettings()
	s.Roster = units
	return s
}

// linkIDs name the links, as hearings do.
func (g *Gateway) linkIDs() []string {
	var out []string
	for _, l := range g.links {
		for _, s := range l.Status() {
			out = append(out, s.ID)
		}
	}
	return out
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
