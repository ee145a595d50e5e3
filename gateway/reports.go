package gateway

import (
	"context"
	"encoding/json"
	"fmt"

	"htgateway/devices"
	"htgateway/gateway/http/api"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
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
	out.Heard = []devices.Hearing{{Report: id, Link: out.Link, Via: out.Via, ReceivedAt: out.ReceivedAt, RSSIdBm: out.RSSIdBm}}
	for _, link := range g.linkIDs() {
		for _, via := range g.intake.Hearers(link) {
			h, found, err := g.hearing(ctx, id, link, via)
			if err != nil {
				return out, false, err
			}
			if found {
				out.Heard = append(out.Heard, h)
			}
		}
	}
	return out, true, nil
}

// hearing is one more hearing of a report, false when there is none.
func (g *Gateway) hearing(ctx context.Context, report, link, via string) (devices.Hearing, bool, error) {
	var h devices.Hearing
	e, found, err := g.journal.Find(ctx, intake.HearingID(report, link, via))
	if err != nil || !found {
		return h, false, err
	}
	if err := json.Unmarshal(e.Body, &h); err != nil {
		return h, false, fmt.Errorf("cannot decode a hearing of report %q: %w", report, err)
	}
	return h, true, nil
}
