package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/incident"
)

// Correction is a milestone's time set by hand.
type Correction struct {
	Milestone incident.MilestoneName `json:"milestone"`
	Unit      string                 `json:"unit"`
	At        time.Time              `json:"at"`
	Reason    string                 `json:"reason"`
	// Confirm takes a time that looks like a slip, after its effect was shown.
	Confirm bool `json:"confirm"`
}

// ofUnit are the milestones of a unit, in the order of the procedure.
var ofUnit = []incident.MilestoneName{incident.Dispatched, incident.Acknowledged, incident.EnRoute, incident.OnScene, incident.InProgress, incident.Completed}

// Correct sets a milestone's time by hand; the original stays in the record. A time that
// cannot be is refused. One that looks like a slip is answered with an
// [UnconfirmedError], which says what it would change, until it is asked for with Confirm.
func (d *Desk) Correct(ctx context.Context, c incident.Actor, id string, k Correction) (incident.Incident, error) {
	same := k
	same.At, same.Confirm = k.At.UTC(), false // who confirms asks for the same
	r := asked(c, incident.ActCorrect, id, same)
	return d.perform(ctx, r, nil, func(in incident.Incident, act *incident.Act) error {
		now := d.o.Now()
		if err := k.check(in, now); err != nil {
			return err
		}
		if doubts := d.doubts(in, k, now); len(doubts) > 0 && !k.Confirm {
			return &UnconfirmedError{Doubts: doubts, Effects: d.effects(in, k, now)}
		}
		act.Milestone, act.MilestoneAt = k.Milestone, k.At.UTC()
		if k.Unit != "" {
			act.Units = []string{k.Unit}
		}
		return give(act, k.Reason, true)
	})
}

// futureAtMost is how far a time may lie ahead: people's clocks differ.
const futureAtMost = time.Minute

// check refuses what cannot be.
func (k *Correction) check(in incident.Incident, now time.Time) error {
	whole := k.Milestone == incident.Received || k.Milestone == incident.Closed
	each := slices.Contains(ofUnit, k.Milestone)
	switch {
	case !whole && !each:
		return fmt.Errorf("%w: milestone %q", incident.ErrInvalid, k.Milestone)
	case whole && k.Unit != "":
		return fmt.Errorf("%w: %s is of the whole incident, not of a unit", incident.ErrInvalid, k.Milestone)
	case each && !slices.Contains(in.Units, k.Unit):
		return fmt.Errorf("%w: unit %q was not sent to this incident", incident.ErrInvalid, k.Unit)
	case strings.TrimSpace(k.Reason) == "" || len(k.Reason) > maxText:
		return fmt.Errorf("%w: a correction needs a reason", incident.ErrInvalid)
	case k.At.IsZero() || k.At.After(now.Add(futureAtMost)):
		return fmt.Errorf("%w: at is missing or in the future", incident.ErrInvalid)
	case k.At.Before(earliest):
		return fmt.Errorf("%w: at lies before %d", incident.ErrInvalid, earliest.Year())
	case k.Milestone != incident.Received && k.before(in.ReceivedAt):
		return fmt.Errorf("%w: %s would lie before the call, %s; if the call came earlier, correct \"received\" first",
			incident.ErrInvalid, k.Milestone, in.ReceivedAt.Format(time.RFC3339))
	}
	return nil
}

// sameMoment is within what nothing counts as before or after: people give whole seconds,
// and their clocks differ.
const sameMoment = 2 * time.Second

// before and after tell how the time lies to another.
func (k *Correction) before(t time.Time) bool { return t.Sub(k.At) > sameMoment }
func (k *Correction) after(t time.Time) bool  { return k.At.Sub(t) > sameMoment }

// Why a correction is asked for twice.
const (
	DoubtFuture         = "in_future"       // within futureAtMost: a clock that is ahead
	DoubtOtherDay       = "other_day"       // a slip of the date
	DoubtBeforeDispatch = "before_dispatch" // the unit was not sent yet
	DoubtOutOfOrder     = "out_of_order"    // it contradicts another milestone
)

// Doubt is one reason why a time looks like a slip, in Indonesian and English.
type Doubt struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// UnconfirmedError is a correction that was not made: it looks like a slip.
type UnconfirmedError struct {
	Doubts  []Doubt
	Effects []Effect
}

// Error says why, and what the correction would change.
func (e *UnconfirmedError) Error() string {
	said := make([]string, 0, len(e.Doubts)+len(e.Effects))
	for _, d := range e.Doubts {
		said = append(said, d.Text)
	}
	for _, f := range e.Effects {
		said = append(said, f.Text)
	}
	return "send it again with confirm if it is meant: " + strings.Join(said, "; ")
}

// Unwrap makes it an act that is not possible now.
func (e *UnconfirmedError) Unwrap() error { return incident.ErrConflict }

// sameNight is how long after the call another calendar day is no doubt yet.
const sameNight = 12 * time.Hour

// doubts are why a time looks like a slip.
func (d *Desk) doubts(in incident.Incident, k Correction, now time.Time) (out []Doubt) {
	local := func(t time.Time) string { return t.In(d.o.Zone).Format("2006-01-02 15:04:05") }
	doubt := func(code, text string, args ...any) { out = append(out, Doubt{code, fmt.Sprintf(text, args...)}) }
	if k.after(now) {
		doubt(DoubtFuture, "waktunya di masa depan / it lies in the future")
	}
	day := func(t time.Time) string { return t.In(d.o.Zone).Format(time.DateOnly) }
	if far := k.At.Sub(in.ReceivedAt); day(k.At) != day(in.ReceivedAt) && (k.Milestone == incident.Received || far > sameNight) {
		doubt(DoubtOtherDay, "hari lain dari panggilan, %s / another day than the call's, %s", day(in.ReceivedAt), day(in.ReceivedAt))
	}
	course, known := d.course(in)
	if !known {
		return out
	}
	i := meant(course, k)
	for _, other := range neighbours(course, i) {
		if k.Milestone == other.name || other.at.IsZero() {
			continue
		}
		before, after := other.order < orderOf(k.Milestone), other.order > orderOf(k.Milestone)
		switch {
		case before && !k.before(other.at), after && !k.after(other.at):
			continue
		case before && other.name == incident.Dispatched:
			doubt(DoubtBeforeDispatch, "unit baru dikirim %s / the unit was sent only at %s", local(other.at), local(other.at))
		case before || after:
			doubt(DoubtOutOfOrder, "bertentangan dengan %s %s / it contradicts %s at %s", other.name, local(other.at), other.name, local(other.at))
		}
	}
	return out
}
