package gateway

import (
	"fmt"
	"time"

	"htgateway/gateway/outbound/cot"
	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/outbound/series"
	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/status"
)

// sinkPace is how often stores and brokers are given what is new, at most.
const sinkPace = 100 * time.Millisecond

// seriesGivesWay is how long the series lets a flood of reports go first: what it tells
// is asked for later, and an acknowledgement is waited for now.
const seriesGivesWay = 5 * time.Second

// makeSinks makes what carries updates to stores and to other systems, in the order in
// which it is shown.
func (g *Gateway) makeSinks() error {
	g.series = series.New(series.Settings{
		Kind: g.c.Telemetry.Store, Store: g.store, Area: g.c.ServiceArea(), Updates: g.updates, Paced: g.updates.Paced(sinkPace).YieldingUnderLoad(seriesGivesWay), Now: g.o.Now, Log: g.o.Log,
	})
	for _, w := range g.c.Webhooks {
		w = w.Settled()
		h, err := webhook.New(g.updates, webhook.Settings{
			ID: w.ID, URL: w.URL, Secret: []byte(w.Secret), Kinds: w.Kinds, Timeout: w.Timeout, GiveUpAfter: w.GiveUpAfter,
			Again: time.Second, AtMost: 2 * time.Minute, Now: g.o.Now, Log: g.o.Log,
		})
		if err != nil {
			return fmt.Errorf("cannot tell others: %w", err)
		}
		g.sinks = append(g.sinks, h)
	}
	if len(g.c.CoT.Outputs) > 0 {
		g.sinks = append(g.sinks, g.newCoT())
	}
	for _, p := range g.publishers {
		g.sinks = append(g.sinks, p)
	}
	return g.makeCentre()
}

// newCoT tells the picture as Cursor on Target.
func (g *Gateway) newCoT() *cot.Sink {
	var outputs []cot.Output
	for _, o := range g.c.CoT.Outputs {
		outputs = append(outputs, cot.Output{Network: o.Network, Address: o.Address})
	}
	return cot.New(g.updates, g.fold, cot.Settings{
		Outputs: outputs, Stale: g.c.CoT.Stale, UnitType: g.c.CoT.UnitType, Now: g.o.Now, Speed: g.o.Speed, Log: g.o.Log,
	})
}

// newPublisher carries updates to the broker of a link; session is nil for a session that
// is always up.
func (g *Gateway) newPublisher(place, link string, send mqtt.Send, session status.Reporter) *mqtt.Publisher {
	return mqtt.New(mqtt.Options{Sink: place, Link: link, Send: send, Session: session, Now: g.o.Now, Log: g.o.Log}, g.updates.Paced(sinkPace), g.fold)
}

// makeCentre makes the way to the centre, which follows the journal.
func (g *Gateway) makeCentre() error {
	if !g.c.AtEdge() {
		return nil
	}
	e := g.c.Edge
	security, err := e.TLS()
	if err != nil {
		return err
	}
	g.centre = edge.New(g.journal, edge.Settings{
		Site: e.Site, Password: string(e.Password), Centres: e.Centres, TLS: security,
		PerSecond: e.BacklogPerSecond, Now: g.o.Now, Log: g.o.Log,
	})
	return nil
}
