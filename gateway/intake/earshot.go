package intake

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// How long intake remembers what it heard. Redeliveries reach further back than
// any radio's window: a phone may come back a day later with a message whose
// acknowledgement it never saw.
const (
	rememberHearings   = 10 * time.Minute
	rememberDeliveries = 24 * time.Hour
	rememberAtMost     = 200_000
)

// earshot remembers recent reports so that a second hearing is known as one.
type earshot struct {
	burst      map[string]*heard // words → first hearing within the window
	deliveries map[string]*heard // transport's mark and words → first delivery
	links      map[string]*heard // report id → first link
	swept      time.Time
}

// heard is the first hearing of a report. Until it is stored, a second hearing
// offers the same record to the journal too: the first one's write may yet fail, and
// whichever comes first, the report is as the first link heard it.
type heard struct {
	id     string
	link   string
	via    string
	at     time.Time
	stored bool
	record *journal.Record // until it is stored
}

// offer makes the record that the journal is to keep, unless the first hearing did.
func (h *heard) offer(r *devices.Report, at time.Time) error {
	if h.record != nil {
		return nil
	}
	rec, err := journal.NewRecord(journal.KindReport, h.id, at, r)
	if err == nil {
		h.record = &rec
	}
	return err
}

func newEarshot() *earshot {
	return &earshot{
		burst:      make(map[string]*heard),
		deliveries: make(map[string]*heard),
		links:      make(map[string]*heard),
	}
}

// identify gives r its id and returns the report's first hearing; again is set
// when that was not this one.
func (e *earshot) identify(r *devices.Report, redelivered bool) (first *heard, again bool) {
	e.sweep(r.ReceivedAt)
	said := words(r)
	if first = e.known(r, said, redelivered); first != nil {
		r.ID = first.id
		return first, true
	}
	mark, has := ownMark(r)
	if !has {
		mark = r.ReceivedAt.UTC().Format(time.RFC3339Nano)
	}
	r.ID = journal.Digest(said, mark)
	if first = e.links[r.ID]; first != nil {
		return first, true
	}
	first = &heard{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt}
	e.keep(r, said, first)
	return first, false
}

// known finds an earlier hearing of r that its own time or number cannot tell. A
// frame that names nobody (a radio's answer to a command) is heard on its own line
// only, each time anew.
func (e *earshot) known(r *devices.Report, said string, redelivered bool) *heard {
	if r.Device == "" {
		return nil
	}
	if redelivered && r.Delivery != "" {
		if h := e.deliveries[journal.Digest(r.Delivery, said)]; h != nil {
			return h
		}
	}
	if !remembered(r) {
		return nil
	}
	if h := e.burst[said]; h != nil && within(h.at, r.ReceivedAt, window(r)) {
		return h
	}
	return nil
}

// recall keeps a report that the journal already has.
func (e *earshot) recall(r *devices.Report) {
	e.keep(r, words(r), &heard{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt, stored: true})
}

func (e *earshot) keep(r *devices.Report, said string, h *heard) {
	if remembered(r) {
		e.burst[said] = h
	}
	if r.Delivery != "" {
		e.deliveries[journal.Digest(r.Delivery, said)] = h
	}
	e.links[r.ID] = h
}

// within tells whether at is inside the window that opened at first, on either
// side: two base stations may hand over the same burst in either order.
func within(first, at time.Time, window time.Duration) bool {
	return at.Sub(first).Abs() <= window
}

// sweep forgets what is too old to matter, once a minute.
func (e *earshot) sweep(now time.Time) {
	if now.Sub(e.swept).Abs() < time.Minute {
		return
	}
	e.swept = now
	forget(e.burst, now.Add(-rememberHearings))
	forget(e.links, now.Add(-rememberHearings))
	forget(e.deliveries, now.Add(-rememberDeliveries))
}

func forget(m map[string]*heard, before time.Time) {
	for k, h := range m {
		if h.at.Before(before) || len(m) > rememberAtMost {
			delete(m, k)
		}
	}
}
