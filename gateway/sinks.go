package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/outbound/cot"
	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/status"
)

// teller is a sink that tells other systems.
type teller struct {
	// run is nil for one that follows the journal, not the updates.
	run  func(context.Context) error
	view func() []status.Status
}

// makeTellers makes the sinks that tell other systems.
func (g *Gateway) makeTellers() error {
	for _, w := range g.c.Webhooks {
		w = w.Settled()
		h, err := webhook.New(g.updates, webhook.Settings{
			ID: w.ID, URL: w.URL, Secret: []byte(w.Secret), Kinds: w.Kinds, Timeout: w.Timeout, GiveUpAfter: w.GiveUpAfter,
			Again: time.Second, AtMost: 2 * time.Minute, Now: g.o.Now, Log: g.o.Log,
		})
		if err != nil {
			return fmt.Errorf("cannot tell others: %w", err)
		}
		since := g.o.Now().UTC()
		g.tellers = append(g.tellers, teller{run: h.Run, view: func() []status.Status {
			s := h.State()
			v := status.Status{ID: "webhook:" + w.ID, Kind: "webhook", Protocol: "http", State: "up", Since: since, Reports: s.Sent, Errors: s.Refused}
			if !s.FailingSince.IsZero() {
				v.State, v.Since, v.Why = "down", s.FailingSince, s.Why
			}
			return []status.Status{v}
		}})
	}
	g.addCoT()
	g.addPublishing()
	g.tellers = append(g.tellers, teller{view: g.cluster.Status})
	if g.cluster.Alone() {
		g.tellers = append(g.tellers, teller{view: g.probe.Status})
	}
	return nil
}

// addCoT tells the picture as Cursor on Target.
func (g *Gateway) addCoT() {
	if len(g.c.CoT.Outputs) == 0 {
		return
	}
	var outputs []cot.Output
	for _, o := range g.c.CoT.Outputs {
		outputs = append(outputs, cot.Output{Network: o.Network, Address: o.Address})
	}
	k := cot.New(g.updates, g.fold, cot.Settings{
		Outputs: outputs, Stale: g.c.CoT.Stale, UnitType: g.c.CoT.UnitType, Now: g.o.Now, Speed: g.o.Speed, Log: g.o.Log,
	})
	since := g.o.Now().UTC()
	g.tellers = append(g.tellers, teller{run: k.Run, view: func() []status.Status {
		var out []status.Status
		for _, s := range k.States() {
			v := status.Status{ID: "cot:" + s.Output.Address, Kind: "cot", Protocol: s.Output.Network, State: "up", Since: since, Reports: s.Sent, Shed: s.Lost}
			if !s.AwaySince.IsZero() {
				v.State, v.Since, v.Why = "down", s.AwaySince, s.Why
			}
			out = append(out, v)
		}
		return out
	}})
}

// tellAgain is the pause after a teller failed, in real time.
const tellAgain = time.Second

// tell runs a teller once the history is folded: what is old is then known as such.
// One that fails, as all do whose place the disk does not take, begins again at its
// place: what others are told is no reason to hear no radio.
func (g *Gateway) tell(ctx context.Context, t teller) error {
	if t.run == nil || g.fold.Ready(ctx) != nil {
		return nil // ended first
	}
	return g.cluster.WhenLeading(ctx, func(ctx context.Context) error {
		for {
			err := t.run(ctx)
			if err == nil || ctx.Err() != nil {
				return nil
			}
			g.o.Log.Error("others wait", "reason", err)
			again := time.NewTimer(tellAgain)
			select {
			case <-again.C:
			case <-ctx.Done():
				again.Stop()
			}
		}
	})
}
