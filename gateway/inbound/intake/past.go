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

// past are reports of long ago that only their words tell apart, by these. A site
// that was cut off for a week delivers what this gateway may have heard too, and has
// forgotten since.
type past map[mark][]*heard

// near finds the first hearing of the same words about a time.
func (p past) near(said mark, at time.Time, window time.Duration) *heard {
	for _, h := range p[said] {
		if within(h.at, at, window) {
			return h
		}
	}
	return nil
}

// keep remembers a hearing, and forgets all when there are too many: who asks then
// again asks the journal.
func (p past) keep(said mark, h *heard) {
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

// span is what was read back of a run of the journal's entries, kept for the next
// delivery: what waited at a site comes in the order of its time.
type span struct {
	mu        sync.Mutex
	low, high uint64 // entries after low, up to and with high
	heard     past
}

// spanOf is where a site's deliveries keep what was read back, what is late apart from
// what is not.
func (in *Intake) spanOf(site string, late bool) *span {
	in.mu.Lock()
	defer in.mu.Unlock()
	if late {
		site += " late" // a name holds no space
	}
	s := in.spans[site]
	if s == nil {
		s = &span{heard: past{}}
		in.spans[site] = s
	}
	return s
}

// extend reads back what this gateway's own links heard between two times, as far as
// that was not done before.
func (in *Intake) extend(ctx context.Context, s *span, from, to time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	low, err := in.seek(ctx, from.Add(-journaledBefore))
	if err != nil {
		return err
	}
	if low < s.low || low > s.high || len(s.heard) > rememberAtMost/4 {
		s.low, s.high, s.heard = low, low, past{}
	}
	for {
		entries, err := in.journal.Read(ctx, s.high, spanStep)
		if err != nil {
			return fmt.Errorf("cannot read back what was heard after entry %d: %w", s.high, err)
		}
		for _, e := range entries {
			if e.JournaledAt.After(to.Add(journaledAfter)) {
				return nil
			}
			s.high = e.Seq
			// Reports of sites are known by another way. No text can hold these bytes.
			if e.Kind != journal.KindReport || bytes.Contains(e.Body, []byte(`"site":`)) {
				continue
			}
			var r devices.Report
			if err := json.Unmarshal(e.Body, &r); err != nil {
				return fmt.Errorf("cannot read back entry %d: %w", e.Seq, err)
			}
			s.heard.recall(&r)
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

// near finds the first hearing of the same words about a time.
func (s *span) near(said mark, at time.Time, window time.Duration) *heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.near(said, at, window)
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
