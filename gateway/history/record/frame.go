package record

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
)

// Finder finds an entry of the journal by its id.
type Finder interface {
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
}

// FrameOf returns the way in which [Gather] reads a report out of a journal, with
// which of the links heard it. Hearers names the stations behind a link that pass
// reports on, with an empty name for the link itself.
func FrameOf(j Finder, links []string, hearers func(link string) []string) func(ctx context.Context, id string) (Frame, bool, error) {
	return func(ctx context.Context, id string) (Frame, bool, error) {
		e, found, err := j.Find(ctx, id)
		if err != nil || !found || e.Kind != journal.KindReport {
			return Frame{}, false, err
		}
		f := Frame{JournaledAt: e.JournaledAt}
		if err := json.Unmarshal(e.Body, &f.Report); err != nil {
			return f, false, fmt.Errorf("cannot decode report %q: %w", id, err)
		}
		f.Heard = []devices.Hearing{{Report: id, Link: f.Link, Via: f.Via, ReceivedAt: f.ReceivedAt, RSSIdBm: f.RSSIdBm}}
		for _, link := range links {
			for _, via := range hearers(link) {
				h, found, err := hearing(ctx, j, id, link, via)
				if err != nil {
					return f, false, err
				}
				if found {
					f.Heard = append(f.Heard, h)
				}
			}
		}
		return f, true, nil
	}
}

// hearing is one more hearing of a report, false when there is none.
func hearing(ctx context.Context, j Finder, report, link, via string) (devices.Hearing, bool, error) {
	var h devices.Hearing
	e, found, err := j.Find(ctx, intake.HearingID(report, link, via))
	if err != nil || !found {
		return h, false, err
	}
	if err := json.Unmarshal(e.Body, &h); err != nil {
		return h, false, fmt.Errorf("cannot decode a hearing of report %q: %w", report, err)
	}
	return h, true, nil
}

// Listeners are the links that heard what another had heard first, each with the
// stations behind it that passed reports on, as the entries of a journal name them.
type Listeners map[string][]string

// Among notes the listeners of entries as they pass.
func (l Listeners) Among(entries iter.Seq2[journal.Entry, error]) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		for e, err := range entries {
			if err == nil && e.Kind == journal.KindHearing {
				var h struct{ Link, Via string }
				if json.Unmarshal(e.Body, &h) == nil && !slices.Contains(l[h.Link], h.Via) {
					l[h.Link] = append(l[h.Link], h.Via)
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Links are the links.
func (l Listeners) Links() []string { return slices.Sorted(maps.Keys(l)) }

// Stations are those behind a link, with an empty name for the link itself.
func (l Listeners) Stations(link string) []string { return l[link] }
