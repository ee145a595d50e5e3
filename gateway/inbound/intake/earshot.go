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
	rememberAtMost     = 100_000
	// rememberLinks is for reports that the journal knows again by itself: who heard
	// them first is asked for within seconds.
	rememberLinks = 25_000
)

// earshot remembers recent reports so that a second hearing is known as one.
type earshot struct {
	burst      lately // words → newest first hearing of them
	deliveries lately // transport's mark and words → first delivery
	links      lately // report id → first link
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
		burst:      newLately(rememberHearings, rememberAtMost),
		deliveries: newLately(rememberDeliveries, rememberAtMost),
		links:      newLately(rememberHearings, rememberLinks),
	}
}

// identify gives r its id and returns the report's first hearing; again is set
// when that was not this one.
func (e *earshot) identify(r *devices.Report, redelivered bool) (first *heard, again bool) {
	said := words(r)
	own, has := ownMark(r)
	if first = e.known(r, said, has, redelivered); first != nil {
		r.ID = first.id
		return first, true
	}
	if !has {
		own = r.ReceivedAt.UTC().Format(time.RFC3339Nano)
	}
	id := journal.Mark(journal.Letters(said), own)
	r.ID = journal.Letters(id)
	if first = e.links.find(id); first != nil {
		return first, true
	}
	first = &heard{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt}
	e.keep(r, said, has, first)
	return first, false
}

// first finds the first hearing of a report.
func (e *earshot) first(report string) *heard { return e.links.find(journal.MarkOf(report)) }

// name has a report's name lead to its first hearing, which may be that of another one
// that said the same.
func (e *earshot) name(report string, h *heard, now time.Time) {
	e.links.keep(journal.MarkOf(report), h, now)
}

// known finds an earlier hearing of r that its own time or number cannot tell. A
// frame that names nobody (a radio's answer to a command) is heard on its own line
// only, each time anew.
func (e *earshot) known(r *devices.Report, said mark, hasOwn, redelivered bool) *heard {
	if r.Device == "" {
		return nil
	}
	if redelivered && r.Delivery != "" && !hasOwn {
		if h := e.deliveries.find(delivery(r, said)); h != nil {
			return h
		}
	}
	if !remembered(r) {
		return nil
	}
	if h := e.burst.find(said); h != nil && within(h.at, r.ReceivedAt, window(r)) {
		return h
	}
	return nil
}

// delivery marks a delivery of words.
func delivery(r *devices.Report, said mark) mark {
	return journal.Mark(r.Delivery, journal.Letters(said))
}

// recall keeps a report that the journal already has.
func (e *earshot) recall(r *devices.Report) {
	_, has := ownMark(r)
	e.keep(r, words(r), has, &heard{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt, stored: true})
}

// keep remembers a first hearing. A report that its own time or number tells has the
// same id whenever it comes, which the journal knows.
func (e *earshot) keep(r *devices.Report, said mark, hasOwn bool, h *heard) {
	if remembered(r) {
		e.burst.keep(said, h, r.ReceivedAt)
	}
	if r.Delivery != "" && !hasOwn {
		e.deliveries.keep(delivery(r, said), h, r.ReceivedAt)
	}
	e.name(r.ID, h, r.ReceivedAt)
}

// within tells whether at is inside the window that opened at first, on either
// side: two base stations may hand over the same burst in either order.
func within(first, at time.Time, window time.Duration) bool {
	return at.Sub(first).Abs() <= window
}
