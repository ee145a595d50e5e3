package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// byTime finds reports of long ago that only their content tells apart, by that and the
// time. A site that was cut off for a week delivers what this gateway may have heard too,
// and has forgotten since. However often one content came, a look costs the same: two
// hearings within one window are one report, so that each window has one place.
type byTime struct{ twoGenerationCache }

// forever is no limit in time.
const forever = 1<<63 - 1

func newByTime(most int) *byTime { return &byTime{newTwoGenerationCache(forever, most)} }

// place is where a content's hearing stands whose time lies in a window, by the window's
// number since 1970.
func place(content journal.ID16, number int64) journal.ID16 {
	low := binary.BigEndian.Uint64(content[8:]) ^ uint64(number)
	binary.BigEndian.PutUint64(content[8:], low)
	return content
}

func windowNumber(at time.Time, window time.Duration) int64 {
	n := at.UnixNano() / int64(window)
	if at.UnixNano() < 0 {
		n--
	}
	return n
}

// near finds the first hearing of the same content nearest to a time, within a window.
func (x *byTime) near(content journal.ID16, at time.Time, window time.Duration) (nearest *firstHearing) {
	middle := windowNumber(at, window)
	for number := middle - 1; number <= middle+1; number++ {
		h := x.get(place(content, number))
		if h != nil && within(h.at, at, window) && (nearest == nil || h.at.Sub(at).Abs() < nearest.at.Sub(at).Abs()) {
			nearest = h
		}
	}
	return nearest
}

// add takes a hearing.
func (x *byTime) add(content journal.ID16, h *firstHearing, window time.Duration) {
	x.put(place(content, windowNumber(h.at, window)), h, time.Time{})
}

// recall adds a report that the journal already has.
func (x *byTime) recall(r *devices.Report) {
	if remembered(r) {
		x.add(contentID(r), &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: byOurClock(r), stored: true}, window(r))
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

// What a site delivers at once is sought together as far as it lies together in time: a
// week in which it heard little is not read through.
const (
	soughtTogether = 10 * time.Minute
	soughtAtMost   = time.Hour
)

// rangesAtMost bounds the ranges that are kept; what was dropped is read back again.
const rangesAtMost = 32

// rangeKey names a run of entries that was read back: for whose deliveries, whether late
// ones, and of which stretch of the journal.
type rangeKey struct {
	site  string
	late  bool
	after uint64
}

// journalRange is what was read back of a run of the journal's entries, kept for the
// next delivery: what waited at a site comes in the order of its time.
type journalRange struct {
	mu        sync.Mutex
	low, high uint64 // entries after low, up to and with high
	heard     *byTime
	most      int
	keys      map[devices.Identity]*presses
}

func (r *journalRange) begin(after uint64) {
	r.low, r.high, r.most = after, after, 0
	r.heard, r.keys = newByTime(rememberAtMost), make(map[devices.Identity]*presses)
}

// rangeOf is what was read back of a stretch for a site's deliveries.
func (in *Intake) rangeOf(k rangeKey) *journalRange {
	in.mu.Lock()
	defer in.mu.Unlock()
	r, known := in.ranges.peek(k)
	if !known {
		r = new(journalRange)
		r.begin(k.after)
	}
	in.ranges.put(k, r, 0)
	return r
}

// seekHere looks for what this gateway's own links heard of the reports of a delivery.
func (in *Intake) seekHere(ctx context.Context, d *Delivery, records []deliveredRecord) error {
	var group []*deliveredRecord
	var from, to time.Time
	look := func() error {
		err := in.seekGroup(ctx, d, group, from, to)
		group = nil
		return err
	}
	for i := range records {
		h := &records[i]
		if h.err != nil || !soughtFor(h.report) || d.At.Sub(h.at) <= seekAfter {
			continue
		}
		if len(group) > 0 {
			first, last := earlier(from, h.at), later(to, h.at)
			if last.Sub(first) > soughtAtMost || h.at.Sub(to) > soughtTogether || from.Sub(h.at) > soughtTogether {
				if err := look(); err != nil {
					return err
				}
			} else {
				from, to = first, last
			}
		}
		if len(group) == 0 {
			from, to = h.at, h.at
		}
		group = append(group, h)
	}
	if len(group) == 0 {
		return nil
	}
	return look()
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// seekGroup looks for reports that a site received between two times.
func (in *Intake) seekGroup(ctx context.Context, d *Delivery, group []*deliveredRecord, from, to time.Time) error {
	if err := in.times.advance(ctx, in.journal); err != nil {
		return err
	}
	for _, s := range in.times.overlapping(from.Add(-journaledBefore), to.Add(journaledAfter)) {
		run := in.rangeOf(rangeKey{d.Site, d.At.Sub(to) > lateAfter, s.After})
		if err := in.extend(ctx, run, s, from, to); err != nil {
			return err
		}
		run.mu.Lock()
		for _, h := range group {
			if h.here == nil && remembered(h.report) {
				h.here = run.heard.near(contentID(h.report), h.at, window(h.report))
			}
			if keys := run.keys[h.report.Device]; keys != nil && h.report.Protocol == devices.Kenwood {
				h.burst = h.burst || keys.other(pressOf(h.report, h.at, nil)) != nil
			}
		}
		run.mu.Unlock()
	}
	return nil
}

// extend reads back what this gateway's own links heard between two times, as far as
// that was not done before.
func (in *Intake) extend(ctx context.Context, run *journalRange, s stretch, from, to time.Time) error {
	run.mu.Lock()
	defer run.mu.Unlock()
	low, err := seek(ctx, in.journal, s, from.Add(-journaledBefore))
	if err != nil {
		return err
	}
	if low < run.low || low > run.high || run.most > rememberAtMost/4 {
		run.begin(low)
	}
	for {
		entries, err := in.journal.Read(ctx, run.high, readBackStep)
		if err != nil {
			return fmt.Errorf("cannot read back what was heard after entry %d: %w", run.high, err)
		}
		for _, e := range entries {
			if e.Seq > s.UpTo || e.JournaledAt.After(to.Add(journaledAfter)) {
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
			run.recall(&r)
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

func (r *journalRange) recall(report *devices.Report) {
	if remembered(report) {
		r.heard.recall(report)
		r.most++
	}
	if isKey(report) {
		keys := r.keys[report.Device]
		if keys == nil {
			keys = new(presses)
			r.keys[report.Device] = keys
		}
		keys.add(pressOf(report, report.ReceivedAt, nil))
	}
}
