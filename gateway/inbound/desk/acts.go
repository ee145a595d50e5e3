package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"htgateway/gateway/incident"
)

// Dispatch sends units to an incident.
func (d *Desk) Dispatch(ctx context.Context, c incident.Actor, id string, units []string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActDispatch, id, units), unitLocks(units), func(in incident.Incident, act *incident.Act) error {
		if err := open(in); err != nil {
			return err
		}
		if len(units) == 0 {
			return fmt.Errorf("%w: no units named", incident.ErrInvalid)
		}
		for _, u := range units {
			if _, known := d.state.UnitByID(u); !known {
				return fmt.Errorf("unit %q %w", u, incident.ErrNotFound)
			}
		}
		act.Units = units
		return nil
	})
}

// released is what a release asks for.
type released struct {
	Units  []string
	Reason string
}

// Release takes units off an incident.
func (d *Desk) Release(ctx context.Context, c incident.Actor, id string, units []string, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActRelease, id, released{units, reason}), unitLocks(units), func(in incident.Incident, act *incident.Act) error {
		if err := open(in); err != nil {
			return err
		}
		if len(units) == 0 {
			return fmt.Errorf("%w: no units named", incident.ErrInvalid)
		}
		for _, u := range units {
			if !slices.Contains(in.Units, u) {
				return fmt.Errorf("unit %q is not on incident %s: %w", u, in.Number, incident.ErrConflict)
			}
		}
		act.Units = units
		return give(act, reason, false)
	})
}

// Review notes that the dispatcher looked at the incident's status.
func (d *Desk) Review(ctx context.Context, c incident.Actor, id string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActReview, id, nil), nil, func(in incident.Incident, _ *incident.Act) error { return open(in) })
}

// Note adds a note, which counts as a review while the incident is open.
func (d *Desk) Note(ctx context.Context, c incident.Actor, id, text string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActNote, id, text), nil, func(_ incident.Incident, act *incident.Act) error {
		if strings.TrimSpace(text) == "" || len(text) > maxText {
			return fmt.Errorf("%w: a note has between 1 and %d bytes", incident.ErrInvalid, maxText)
		}
		act.Text = text
		return nil
	})
}

// Close ends an incident. One that has ended is refused, however it ended: its end keeps
// its time.
func (d *Desk) Close(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActClose, id, reason), nil, func(in incident.Incident, act *incident.Act) error {
		if err := open(in); err != nil {
			return err
		}
		return give(act, reason, false)
	})
}

// Cancel ends an incident that needs nobody any more: a false alarm, a call taken back.
func (d *Desk) Cancel(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActCancel, id, reason), nil, func(in incident.Incident, act *incident.Act) error {
		if err := open(in); err != nil {
			return err
		}
		return give(act, reason, true)
	})
}

// Reopen takes back the end of an incident, or its merger into another. Units whose
// part ended with it are on it again, unless they were sent elsewhere since.
func (d *Desk) Reopen(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActReopen, id, reason), nil, func(in incident.Incident, act *incident.Act) error {
		if !in.Ended() {
			return fmt.Errorf("incident %s is open: %w", in.Number, incident.ErrConflict)
		}
		return give(act, reason, true)
	})
}

// relocated is what a relocation asks for.
type relocated struct {
	To     incident.Location
	Reason string
}

// Relocate corrects where an incident is. Arrivals are judged anew by the new place;
// what was known before stays in the record.
func (d *Desk) Relocate(ctx context.Context, c incident.Actor, id string, to incident.Location, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActRelocate, id, relocated{to, reason}), nil, func(_ incident.Incident, act *incident.Act) error {
		if err := to.Check(); err != nil {
			return fmt.Errorf("%w: location: %w", incident.ErrInvalid, err)
		}
		act.Location = &to
		return give(act, reason, true)
	})
}

// merged is what a merger asks for.
type merged struct{ Into, Reason string }

// Merge makes an incident a duplicate of another, which survives: what the
// duplicate's units do counts there, and stays visible in both.
func (d *Desk) Merge(ctx context.Context, c incident.Actor, id, into, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActMerge, id, merged{into, reason}), []string{incidentLock + into}, func(in incident.Incident, act *incident.Act) error {
		if err := open(in); err != nil {
			return err
		}
		survivor, err := d.incident(ctx, into)
		if err == nil {
			err = open(survivor)
		}
		if err != nil {
			return fmt.Errorf("cannot merge into: %w", err)
		}
		if id == into {
			return fmt.Errorf("%w: an incident is no duplicate of itself", incident.ErrInvalid)
		}
		act.Into = into
		return give(act, reason, false)
	})
}

// AckAlert notes that somebody has seen an alert. The first to say so stands.
func (d *Desk) AckAlert(ctx context.Context, c incident.Actor, alert, reason string) (incident.Alert, error) {
	free, err := d.locks.take(ctx, alertLock+alert)
	if err != nil {
		return incident.Alert{}, err
	}
	defer free()
	if err := d.ready(ctx); err != nil {
		return incident.Alert{}, err
	}
	r := asked(c, incident.ActAckAlert, alert, reason)
	if _, _, err := d.earlier(ctx, r); err != nil {
		return incident.Alert{}, err
	}
	a, known := d.alert(alert)
	switch {
	case !known:
		return incident.Alert{}, fmt.Errorf("alert %q %w", alert, incident.ErrNotFound)
	case len(reason) > maxText:
		return incident.Alert{}, errTooLong
	case !a.AckedAt.IsZero():
		return a, nil
	}
	act := d.act(r)
	act.Incident, act.Alert, act.Reason = a.Incident, alert, reason
	if a.Unit != "" {
		act.Units = []string{a.Unit}
	}
	d.stamp(&act)
	if err := d.append(ctx, act); err != nil {
		return incident.Alert{}, err
	}
	a, _ = d.alert(alert)
	return a, nil
}

func (d *Desk) alert(id string) (incident.Alert, bool) {
	for _, a := range d.state.Alerts() {
		if a.ID == id {
			return a, true
		}
	}
	return incident.Alert{}, false
}

var errTooLong = fmt.Errorf("%w: more than %d bytes of text", incident.ErrInvalid, maxText)

// give gives an act its reason, which some acts must have.
func give(act *incident.Act, reason string, must bool) error {
	switch {
	case must && strings.TrimSpace(reason) == "":
		return fmt.Errorf("%w: %s needs a reason", incident.ErrInvalid, act.Kind)
	case len(reason) > maxText:
		return errTooLong
	}
	act.Reason = reason
	return nil
}
