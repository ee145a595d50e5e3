package downlink

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// queue is what one radio has to send, in order. It does no I/O and takes its
// clock as a parameter.
type queue struct {
	link    string
	dialect Dialect
	orders  []*pendingOrder
}

// pendingOrder is an order that waits or is on its way.
type pendingOrder struct {
	Order
	attempt int
	// due is when it is tried next, or given up after its last attempt; zero is now.
	due     time.Time
	sending bool
	// begun is when the first attempt was begun: a position from before answers nothing.
	begun time.Time
	// why is the reason for which nothing could be written, as it was last journaled.
	why string
	// erased is set when the order's text was forgotten, left is what may be written of it.
	erased bool
	left   string
}

// queueLength bounds what may wait for one radio: more could not be sent before it
// is stale.
const queueLength = 64

// add takes an order. One that is there already changes nothing.
func (q *queue) add(o Order, now time.Time) *journal.Delivery {
	for _, e := range q.orders {
		if e.id() == o.id() {
			return nil
		}
	}
	if len(q.orders) >= queueLength {
		return q.outcome(&pendingOrder{Order: o}, journal.DeliveryFailed, fmt.Sprintf("%d messages wait for this radio already", queueLength), now)
	}
	q.orders = append(q.orders, &pendingOrder{Order: o})
	return nil
}

// unanswered tells whether the order is here and nothing will answer it.
func (q *queue) unanswered(id string) bool {
	i := slices.IndexFunc(q.orders, func(e *pendingOrder) bool { return e.id() == id })
	return i >= 0 && unanswered(q.dialect, q.orders[i].Order)
}

// remove forgets an order.
func (q *queue) remove(id string) {
	q.orders = slices.DeleteFunc(q.orders, func(e *pendingOrder) bool { return e.id() == id })
}

// withdraw ends orders of which nothing was sent yet and which are wanted no more.
func (q *queue) withdraw(unwanted func(Order) bool, why string, now time.Time) []journal.Delivery {
	var over []journal.Delivery
	for _, e := range slices.Clone(q.orders) {
		if e.attempt == 0 && !e.sending && unwanted(e.Order) {
			over = append(over, *q.outcome(e, journal.DeliveryExpired, why, now))
			q.remove(e.id())
		}
	}
	return over
}

// next returns the pendingOrder to be tried now, if any, with the outcomes of those that
// are over, and when to ask again (zero: when something changes).
func (q *queue) next(now time.Time) (try *pendingOrder, over []journal.Delivery, again time.Time) {
	for _, e := range slices.Clone(q.orders) {
		if e.sending {
			return nil, over, time.Time{}
		}
		switch {
		case !e.Expires.IsZero() && !now.Before(e.Expires):
			why := "nothing was sent in time"
			if e.attempt > 0 {
				why = fmt.Sprintf("no answer after %d attempts", e.attempt)
			}
			over = append(over, *q.outcome(e, journal.DeliveryExpired, why, now))
			q.remove(e.id())
		case e.attempt >= q.dialect.RetryPolicy().Attempts && !now.Before(e.due):
			over = append(over, *q.outcome(e, journal.DeliveryFailed, fmt.Sprintf("no answer after %d attempts", e.attempt), now))
			q.remove(e.id())
		}
	}
	wake := func(t time.Time) {
		if !t.IsZero() && (again.IsZero() || t.Before(again)) {
			again = t
		}
	}
	mustWait := q.dialect.RetryPolicy().Alone && slices.ContainsFunc(q.orders, func(e *pendingOrder) bool { return e.attempt > 0 && now.Before(e.due) })
	for _, e := range q.orders {
		wake(e.Expires)
		if now.Before(e.due) {
			wake(e.due)
			continue
		}
		if try == nil && e.attempt < q.dialect.RetryPolicy().Attempts && !mustWait {
			try = e
		}
	}
	if try != nil && try.attempt == 0 {
		try.begun = now
	}
	return try, over, again
}

// sent notes that an attempt was written, or why it could not be. The outcome is
// nil when it only repeats what was journaled before.
func (q *queue) sent(e *pendingOrder, failure error, now time.Time) *journal.Delivery {
	p := q.dialect.RetryPolicy()
	e.sending = false
	if failure != nil {
		// Nothing went out, so no attempt is counted: it is tried until it expires.
		e.due = now.Add(cmp.Or(p.Retry, p.Wait))
		if e.why == failure.Error() {
			return nil
		}
		e.why = failure.Error()
		return q.outcome(e, journal.DeliveryQueued, e.why, now)
	}
	e.attempt++
	wait := p.Wait
	for range e.attempt - 1 {
		wait *= time.Duration(p.Grow)
	}
	e.due = now.Add(wait)
	if unanswered(q.dialect, e.Order) {
		q.remove(e.id())
	}
	return q.outcome(e, journal.DeliverySent, "", now)
}

// hopeless ends an pendingOrder that cannot be composed.
func (q *queue) hopeless(e *pendingOrder, why error, now time.Time) *journal.Delivery {
	q.remove(e.id())
	return q.outcome(e, journal.DeliveryFailed, why.Error(), now)
}

// heard takes a report and returns the outcome, if it is an answer. What names its
// device answers whatever link heard it first; what names nobody is about this link's
// own radio.
func (q *queue) heard(r *devices.Report, now time.Time) *journal.Delivery {
	for _, e := range q.orders {
		if e.attempt == 0 || r.Link != q.link && r.Device != e.Device || e.Poll && r.Fix != nil && heardAt(r).Before(e.begun) {
			continue
		}
		var d *journal.Delivery
		switch q.dialect.Answers(r, e.Order) {
		case NotAboutIt:
			continue
		case UnderWay:
			return nil
		case Delivered:
			d = q.outcome(e, journal.DeliveryDelivered, "", now)
			q.remove(e.id())
		case Refused:
			e.due = now.Add(time.Second) // a busy channel is free again soon
			if e.attempt < q.dialect.RetryPolicy().Attempts {
				return nil
			}
			d = q.outcome(e, journal.DeliveryFailed, refusal(r), now)
			q.remove(e.id())
		case Hopeless:
			d = q.outcome(e, journal.DeliveryFailed, refusal(r), now)
			q.remove(e.id())
		}
		d.Report = r.ID
		return d
	}
	return nil
}

// heardAt is when a report was on the air, by this gateway's clock as far as known: an
// edge site may deliver it hours later.
func heardAt(r *devices.Report) time.Time {
	return r.ReceivedAt.Add(-time.Duration(r.SiteClockS.Or(0) * float64(time.Second)))
}

func refusal(r *devices.Report) string {
	if r.Text == "" {
		return "refused"
	}
	return "refused: " + r.Text
}

func (q *queue) outcome(e *pendingOrder, state, why string, now time.Time) *journal.Delivery {
	text := e.Text
	if e.erased {
		text = e.left
	}
	return &journal.Delivery{
		Message: e.Message, Unit: e.Unit, Device: string(e.Device), Link: q.link,
		At: now.UTC(), State: state, Attempt: e.attempt, Text: text, Poll: e.Poll, Why: why,
		Unanswered: unanswered(q.dialect, e.Order),
	}
}
