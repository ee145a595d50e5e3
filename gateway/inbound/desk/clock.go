package desk

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/status"
)

// The gateway's clock can be set back. An act takes its place among others by its time, so
// that one made later must not stand earlier:
//
//   - on one incident never, however far the clock was set back: a reopening stands after
//     the closing that it takes back;
//   - an order to a unit (dispatch, release) never, as long as its newest act is no more than
//     orderAheadAtMost ahead;
//   - among all acts, as long as the newest is no more than aheadAtMost ahead.
//
// Beyond that the clock was wrong before and is right now. To go on from the wrong hour
// would give new incidents its times, and lose the arrivals of units that were sent, until
// the clock has passed it; so only what is said about incidents of that hour goes on from
// there. Such an act keeps what the clock showed (Act.ClockAt), the log names it, and the
// desk's status says so until the clock has passed. The tracker does the same for acts of a
// journal that was written without this.
const (
	aheadAtMost      = 2 * time.Minute
	orderAheadAtMost = 10 * time.Minute
)

// clock gives acts their times.
type clock struct {
	mu sync.Mutex
	// newest is the newest time given out that was not ahead by more than aheadAtMost.
	newest time.Time
	// aheadOf is the newest time given out that was.
	aheadOf time.Time
}

// stamp sets an act's time: now, or right after what it must not stand before.
func (d *Desk) stamp(act *incident.Act) {
	d.clock.mu.Lock()
	defer d.clock.mu.Unlock()
	now := d.o.Now().UTC()
	at := now
	after := func(t time.Time) {
		if !t.IsZero() && !at.After(t) {
			at = t.Add(1)
		}
	}
	for _, t := range []time.Time{d.clock.newest, d.state.NewestAct("", "")} {
		if t.Sub(now) <= aheadAtMost {
			after(t)
		}
	}
	order := act.Kind == incident.ActDispatch || act.Kind == incident.ActRelease
	afterOwn := func(t time.Time) {
		if !order || t.Sub(now) <= orderAheadAtMost {
			after(t)
		}
	}
	for _, id := range []string{act.Incident, act.Into} {
		if id != "" {
			afterOwn(d.state.NewestAct(id, ""))
		}
	}
	for _, u := range act.Units {
		if order || act.Kind == incident.ActMessage {
			if t := d.state.NewestAct("", u); t.Sub(now) <= orderAheadAtMost {
				after(t)
			}
		}
	}
	act.At = at
	if ahead := at.Sub(now); ahead <= aheadAtMost {
		d.clock.newest = later(d.clock.newest, at)
		return
	}
	act.ClockAt = now
	d.clock.aheadOf = later(d.clock.aheadOf, at)
	if d.o.Log != nil {
		d.o.Log.Warn("the gateway's clock is behind earlier acts: an act is given a time ahead of it, so that it stands after them",
			"incident", act.Incident, "act", act.Kind, "clock", now, "at", at)
	}
}

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

// Status says that the gateway's clock is behind the newest act, and nothing while it is
// not.
func (d *Desk) Status() []status.Status {
	now := d.o.Now().UTC()
	d.clock.mu.Lock()
	newest := later(d.clock.aheadOf, d.state.NewestAct("", ""))
	d.clock.mu.Unlock()
	ahead := newest.Sub(now)
	if ahead <= aheadAtMost {
		return nil
	}
	ahead = ahead.Round(time.Second)
	return []status.Status{{
		ID: "clock", Kind: "clock", Protocol: "gateway", State: status.Down, Since: now,
		Why: fmt.Sprintf("jam gateway %v di belakang tindakan terakhir: insiden dari jam yang salah tetap memakai waktu itu, periksa jam dan koreksi waktunya / "+
			"the gateway's clock is %v behind the newest act: incidents of the wrong hour keep its times, check the clock and correct them", ahead, ahead),
	}}
}
