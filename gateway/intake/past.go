package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// past are reports of long ago that only their words tell apart, by these. A site
// that was cut off for a week delivers what this gateway may have heard too, and has
// forgotten since.
type past map[string][]*heard

// near finds the first hearing of the same words about a time.
func (p past) near(said string, at time.Time, window time.Duration) *heard {
	for _, h := range p[said] {
		if within(h.at, at, window) {
			return h
		}
	}
	return nil
}

// keep remembers a hearing, and forgets all when there are too many: who asks then
// again asks the journal.
func (p past) keep(said string, h *heard) {
	if len(p) >= rememberAtMost {
		clear(p)
	}
	p[said] = append(p[said], h)
}

// recall keeps a site's report that the journal already has.
func (p past) recall(r *devices.Report) {
	if remembered(r) {
		p.keep(words(r), &heard{id: r.ID, link: r.Link, via: r.Via, at: byOurClock(r), stored: true})
	}
}

// byOurClock is when a site received a report, by this gateway's clock as far as it is
// known how the site's stood to it.
func byOurClock(r *devices.Report) time.Time {
	return r.ReceivedAt.Add(-time.Duration(r.SiteClockS.Or(0) * float64(time.Second)))
}

// How long before and after its reception a report may have been journaled here: the
// clock was set, or the disk was slow.
const (
	journaledBefore = 10 * time.Second
	journaledAfter  = time.Minute
	spanStep        = 2000
)

// heardBetween reads back what this gateway's own links heard between two times.
func (in *Intake) heardBetween(ctx context.Context, from, to time.Time) (past, error) {
	after, err := in.seek(ctx, from.Add(-journaledBefore))
	if err != nil {
		return nil, err
	}
	out := past{}
	for {
		entries, err := in.journal.Read(ctx, after, spanStep)
		if err != nil {
			return nil, fmt.Errorf("cannot read back what was heard after entry %d: %w", after, err)
		}
		for _, e := range entries {
			if e.JournaledAt.After(to.Add(journaledAfter)) {
				return out, nil
			}
			after = e.Seq
			if e.Kind != journal.KindReport {
				continue
			}
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				return nil, fmt.Errorf("cannot read back entry %d: %w", e.Seq, err)
			}
			out.recall(&r)
		}
		if len(entries) == 0 {
			return out, nil
		}
	}
}

// seek finds the last entry that was journaled before a time.
func (in *Intake) seek(ctx context.Context, t time.Time) (uint64, error) {
	low := uint64(0) // journaled before t, as far as known
	high, err := in.journal.Last(ctx)
	if err != nil {
		return 0, fmt.Errorf("cannot seek what was heard at %s: %w", t, err)
	}
	for low < high {
		middle := low + (high-low)/2
		entries, err := in.journal.Read(ctx, middle, 1)
		if err != nil {
			return 0, fmt.Errorf("cannot seek what was heard at %s: %w", t, err)
		}
		if len(entries) == 1 && entries[0].JournaledAt.Before(t) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
