package record

import (
	"context"
	"encoding/json"
	"fmt"

	"htgateway/devices"
	"htgateway/gateway/intake"
	"htgateway/gateway/journal"
)

// Finder finds an entry of the journal by its id.
type Finder interface {
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
}

// FrameOf returns the way in which [Gather] reads a report out of a journal, with
// which of the links heard it.
func FrameOf(j Finder, links []string) func(ctx context.Context, id string) (Frame, bool, error) {
	return func(ctx context.Context, id string) (Frame, bool, error) {
		e, found, err := j.Find(ctx, id)
		if err != nil || !found || e.Kind != journal.KindReport {
			return Frame{}, false, err
		}
		f := Frame{JournaledAt: e.JournaledAt}
		if err := json.Unmarshal(e.Body, &f.Report); err != nil {
			return f, false, fmt.Errorf("cannot decode report %q: %w", id, err)
		}
		f.Heard = []devices.Hearing{{Report: id, Link: f.Link, ReceivedAt: f.ReceivedAt, RSSIdBm: f.RSSIdBm}}
		for _, link := range links {
			again, found, err := j.Find(ctx, intake.HearingID(id, link))
			if err != nil {
				return f, false, err
			}
			if !found {
				continue
			}
			var h devices.Hearing
			if err := json.Unmarshal(again.Body, &h); err != nil {
				return f, false, fmt.Errorf("cannot decode a hearing of report %q: %w", id, err)
			}
			f.Heard = append(f.Heard, h)
		}
		return f, true, nil
	}
}
