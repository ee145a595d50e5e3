package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/api"
	"htgateway/gateway/webhook"
)

// teller is a sink that tells other systems.
type teller struct {
	run  func(context.Context) error
	view func() api.Link
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
		g.tellers = append(g.tellers, teller{run: h.Run, view: func() api.Link {
			s := h.State()
			v := api.Link{ID: "webhook:" + w.ID, Kind: "webhook", Protocol: "http", State: "up", Since: since, Reports: s.Sent, Errors: s.Refused}
			if !s.FailingSince.IsZero() {
				v.State, v.Since, v.Why = "down", s.FailingSince, s.Why
			}
			return v
		}})
	}
	return nil
}

// tell runs a teller once the history is folded: what is old is then known as such.
func (g *Gateway) tell(ctx context.Context, t teller) error {
	if g.fold.Ready(ctx) != nil {
		return nil // ended first
	}
	return t.run(ctx)
}
