package gateway

import (
	"context"
	"encoding/json"
	"fmt"

	"htgateway/devices"
	"htgateway/gateway/api"
	"htgateway/gateway/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/updatelog"
)

// report is one report as the journal has it, with every link that heard it; false
// when there is none of that id.
func (g *Gateway) report(ctx context.Context, id string) (api.Report, bool, error) {
	e, found, err := g.journal.Find(ctx, id)
	if err != nil || !found || e.Kind != journal.KindReport {
		return api.Report{}, false, err
	}
	out := api.Report{JournaledAt: e.JournaledAt}
	if err := json.Unmarshal(e.Body, &out.Report); err != nil {
		return out, false, fmt.Errorf("cannot decode report %q: %w", id, err)
	}
	out.Heard = []devices.Hearing{{Report: id, Link: out.Link, ReceivedAt: out.ReceivedAt, RSSIdBm: out.RSSIdBm}}
	for _, l := range g.links {
		again, found, err := g.journal.Find(ctx, intake.HearingID(id, l.id))
		if err != nil {
			return out, false, err
		}
		if !found {
			continue
		}
		var h devices.Hearing
		if err := json.Unmarshal(again.Body, &h); err != nil {
			return out, false, fmt.Errorf("cannot decode a hearing of report %q: %w", id, err)
		}
		out.Heard = append(out.Heard, h)
	}
	return out, true, nil
}

// deadLetters are the newest points that the store will never take, and how many
// there are.
func (g *Gateway) deadLetters(ctx context.Context, limit int) ([]updatelog.DeadLetter, int, error) {
	letters, err := g.updates.DeadLetters(ctx, limit)
	if err != nil {
		return nil, 0, err
	}
	n, err := g.updates.CountDeadLetters(ctx)
	return letters, n, err
}
