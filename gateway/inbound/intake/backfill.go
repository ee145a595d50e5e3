package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// backfillIndex finds reports of long ago that only their content tells apart, by that. A
// site that was cut off for a week delivers what this gateway may have heard too, and
// has forgotten since.
type backfillIndex map[journal.ID16][]*firstHearing

// near finds the first hearing of the same content about a time.
func (x backfillIndex) near(content journal.ID16, at time.Time, window time.Duration) *firstHearing {
	for _, h := range x[content] {
		if within(h.at, at, window) {
			return h
		}
	}
	return nil
}

// add takes a hearing, and drops all when there are too many: they are read back from
// the journal when they are needed again.
func (x backfillIndex) add(content journal.ID16, h *firstHearing) {
	if len(x) >= rememberAtMost {
		clear(x)
	}
	x[content] = append(x[content], h)
}

// recall adds a report that the journal already has.
func (x backfillIndex) recall(r *devices.Report) {
	if remembered(r) {
		x.add(contentID(r), &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: byOurClock(r), stored: true})
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
	readBackStep    = 2000
)

// journalRange is what was read back of a run of the journal's entries, kept for the
// next delivery: what waited at a site comes in the order of its time.
type journalRange struct {
	mu        sync.Mutex
	low, high uint64 // entries after low, up to and with high
	index     backfillIndex
}

// rangeOf is what was read back for a site's deliveries: one range for those that are
// late and one for those that are not.
func (in *Intake) rangeOf(site string, late bool) *journalRange {
	in.mu.Lock()
	defer in.mu.Unlock()
	if late {
		site += " late" // a name holds no space
	}
	r := in.ranges[site]
	if r == nil {
		r = &journalRange{index: backfillIndex{}}
		in.ranges[site] = r
	}
	return r
}

// extend reads back what this gateway's own links heard between two times, as far as
// that was not done before.
func (in *Intake) extend(ctx context.Context, run *journalRange, from, to time.Time) error {
	run.mu.Lock()
	defer run.mu.Unlock()
	low, err := in.seek(ctx, from.Add(-journaledBefore))
	if err != nil {
		return err
	}
	if low < run.low || low > run.high || len(run.index) > rememberAtMost/4 {
		run.low, run.high, run.index = low, low, backfillIndex{}
	}
	for {
		entries, err := in.journal.Read(ctx, run.high, readBackStep)
		if err != nil {
			return fmt.Errorf("cannot read back what was heard after entry %d: %w", run.high, err)
		}
		for _, e := range entries {
			if e.JournaledAt.After(to.Add(journaledAfter)) {
				return nil
			}
			run.high = e.Seq
			// Reports of sites are known by another way. No text can hold these bytes.
			if e.Kind != journal.KindReport || bytes.Contains(e.Body, []byte(`"site":`)) {
				continue
			}
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				return fmt.Errorf("cannot read back entry %d: %w", e.Seq, err)
			}
			run.index.recall(&r)
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

// near finds the first hearing of the same content about a time.
func (r *journalRange) near(content journal.ID16, at time.Time, window time.Duration) *firstHearing {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.index.near(content, at, window)
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
