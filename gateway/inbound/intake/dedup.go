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
	// rememberIDs is for reports that the journal knows again by itself: who heard them
	// first is asked for within seconds.
	rememberIDs = 25_000
)

// dedupCache remembers recent reports so that a second hearing is known as one.
type dedupCache struct {
	byContent  twoGenerationCache // content → newest first hearing of it
	byDelivery twoGenerationCache // transport's delivery and content → first delivery
	byID       twoGenerationCache // report id → first hearing
}

// firstHearing is the one in which a report was heard first. Until it is stored, a second
// hearing offers the same record to the journal too: the first one's write may yet fail,
// and whichever comes first, the report is as the first link heard it.
type firstHearing struct {
	id     string
	link   string
	via    string
	at     time.Time
	stored bool
	record *journal.Record // until it is stored
}

// offer makes the record for the journal, unless the first hearing did.
func (h *firstHearing) offer(r *devices.Report, at time.Time) error {
	if h.record != nil {
		return nil
	}
	rec, err := journal.NewRecord(journal.KindReport, h.id, at, r)
	if err == nil {
		h.record = &rec
	}
	return err
}

func newDedupCache() *dedupCache {
	return &dedupCache{
		byContent:  newTwoGenerationCache(rememberHearings, rememberAtMost),
		byDelivery: newTwoGenerationCache(rememberDeliveries, rememberAtMost),
		byID:       newTwoGenerationCache(rememberHearings, rememberIDs),
	}
}

// identify gives r its id and returns the report's first hearing; again is set
// when that was not this one.
func (c *dedupCache) identify(r *devices.Report, redelivered bool) (first *firstHearing, again bool) {
	content := contentID(r)
	own, has := ownMark(r)
	if first = c.find(r, content, has, redelivered); first != nil {
		r.ID = first.id
		return first, true
	}
	if !has {
		own = r.ReceivedAt.UTC().Format(time.RFC3339Nano)
	}
	id := journal.Hash(journal.FormatID(content), own)
	r.ID = journal.FormatID(id)
	if first = c.byID.get(id); first != nil {
		return first, true
	}
	first = &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt}
	c.remember(r, content, has, first)
	return first, false
}

// first finds the first hearing of a report.
func (c *dedupCache) first(report string) *firstHearing { return c.byID.get(journal.HashID(report)) }

// alias has a report's id lead to a first hearing, which may be that of another report
// with the same content.
func (c *dedupCache) alias(report string, h *firstHearing, now time.Time) {
	c.byID.put(journal.HashID(report), h, now)
}

// find returns an earlier hearing of r that its own time or number cannot tell. A
// frame that names nobody (a radio's answer to a command) is heard on its own line
// only, each time anew.
func (c *dedupCache) find(r *devices.Report, content journal.ID16, hasOwn, redelivered bool) *firstHearing {
	if r.Device == "" {
		return nil
	}
	if redelivered && r.Delivery != "" && !hasOwn {
		if h := c.byDelivery.get(deliveryID(r, content)); h != nil {
			return h
		}
	}
	if !remembered(r) {
		return nil
	}
	if h := c.byContent.get(content); h != nil && within(h.at, r.ReceivedAt, window(r)) {
		return h
	}
	return nil
}

// deliveryID is the id of a delivery of some content.
func deliveryID(r *devices.Report, content journal.ID16) journal.ID16 {
	return journal.Hash(r.Delivery, journal.FormatID(content))
}

// recall remembers a report that the journal already has.
func (c *dedupCache) recall(r *devices.Report) {
	_, has := ownMark(r)
	c.remember(r, contentID(r), has, &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt, stored: true})
}

// remember takes a first hearing. A report that its own time or number tells has the
// same id whenever it comes, which the journal knows.
func (c *dedupCache) remember(r *devices.Report, content journal.ID16, hasOwn bool, h *firstHearing) {
	if remembered(r) {
		c.byContent.put(content, h, r.ReceivedAt)
	}
	c.rememberDelivery(r, content, hasOwn, h)
	c.alias(r.ID, h, r.ReceivedAt)
}

// recallDelivery remembers only the delivery of a report that the journal already has.
func (c *dedupCache) recallDelivery(r *devices.Report) {
	if _, has := ownMark(r); r.Site == "" && r.Delivery != "" && !has {
		c.rememberDelivery(r, contentID(r), has, &firstHearing{id: r.ID, link: r.Link, via: r.Via, at: r.ReceivedAt, stored: true})
	}
}

func (c *dedupCache) rememberDelivery(r *devices.Report, content journal.ID16, hasOwn bool, h *firstHearing) {
	if r.Delivery != "" && !hasOwn {
		c.byDelivery.put(deliveryID(r, content), h, r.ReceivedAt)
	}
}

// within tells whether at is inside the window that opened at first, on either
// side: two base stations may hand over the same burst in either order.
func within(first, at time.Time, window time.Duration) bool {
	return at.Sub(first).Abs() <= window
}
