package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/outbound/cot"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/outbound/sink"
	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/status"
)

// teller is a part that is no sink and is shown among them.
type teller struct{ view func() []status.Status }

// makeSinks makes the sinks that tell other systems.
func (g *Gateway) makeSinks() error {
	for _, w := range g.c.Webhooks {
		w = w.Settled()
		h, err := webhook.New(g.updates, webhook.Settings{
			ID: w.ID, URL: w.URL, Secret: []byte(w.Secret), Kinds: w.Kinds, Timeout: w.Timeout, GiveUpAfter: w.GiveUpAfter,
			Again: time.Second, AtMost: 2 * time.Minute, Now: g.o.Now, Log: g.o.Log,
		})
		if err != nil {
			return fmt.Errorf("cannot tell others: %w", err)
		}
		g.addSink(h)
	}
	if len(g.c.CoT.Outputs) > 0 {
		g.addSink(g.newCoT())
	}
	for _, p := range g.publishers {
		g.addSink(p)
	}
	g.tellers = append(g.tellers, teller{view: g.cluster.Status})
	if g.cluster.Alone() {
		g.tellers = append(g.tellers, teller{view: g.probe.Status})
	}
	return nil
}

// addSink has a sink follow the updates, and be seen.
func (g *Gateway) addSink(s sink.Sink) {
	g.followers = append(g.followers, s)
	g.sinks = append(g.sinks, s)
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

// tell runs a sink once the history is folded: what is old is then known as such.
func (g *Gateway) tell(ctx context.Context, s sink.Sink) error {
	if g.fold.Ready(ctx) != nil {
		return nil // ended first
	}
	return g.cluster.WhenLeading(ctx, func(ctx context.Context) error {
		sink.Run(ctx, s, g.o.Log)
		return nil
	})
}
