package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Release takes units off an incident.
func (d *Desk) Release(ctx context.Context, c incident.Actor, id string, units []string, reason string) (incident.Incident, error) {
	in, err := d.open(ctx, id)
	switch {
	case err != nil:
		return incident.Incident{}, err
	case len(units) == 0:
		return incident.Incident{}, fmt.Errorf("%w: no units named", incident.ErrInvalid)
	}
	for _, u := range units {
		if !slices.Contains(in.Units, u) {
			return incident.Incident{}, fmt.Errorf("unit %q is not on incident %s: %w", u, in.Number, incident.ErrConflict)
		}
	}
	act := d.act(c, incident.ActRelease, in.ID, d.o.Now())
	act.Units = units
	return d.reasoned(ctx, act, reason, false)
}

// Cancel ends an incident that needs nobody any more: a false alarm, a call taken back.
func (d *Desk) Cancel(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	in, err := d.open(ctx, id)
	if err != nil && (c.Key == "" || in.Status != "cancelled") {
		return incident.Incident{}, err
	}
	return d.reasoned(ctx, d.act(c, incident.ActCancel, id, d.o.Now()), reason, true)
}

// Reopen takes back the end of an incident, or its merger into another. Units whose
// part ended with it are on it again, unless they were sent elsewhere since.
func (d *Desk) Reopen(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	in, err := d.incident(ctx, id)
	switch {
	case err != nil:
		return incident.Incident{}, err
	case !in.Ended() && c.Key == "":
		return incident.Incident{}, fmt.Errorf("incident %s is open: %w", in.Number, incident.ErrConflict)
	}
	return d.reasoned(ctx, d.act(c, incident.ActReopen, id, d.o.Now()), reason, true)
}

// Relocate corrects where an incident is. Arrivals are judged anew by the new place;
// what was known before stays in the record.
func (d *Desk) Relocate(ctx context.Context, c incident.Actor, id string, to incident.Location, reason string) (incident.Incident, error) {
	if _, err := d.incident(ctx, id); err != nil {
		return incident.Incident{}, err
	}
	if err := to.Check(); err != nil {
		return incident.Incident{}, fmt.Errorf("%w: location: %w", incident.ErrInvalid, err)
	}
	act := d.act(c, incident.ActRelocate, id, d.o.Now())
	act.Location = &to
	return d.reasoned(ctx, act, reason, true)
}

// Merge makes an incident a duplicate of another, which survives: what the
// duplicate's units do counts there, and stays visible in both.
func (d *Desk) Merge(ctx context.Context, c incident.Actor, id, into, reason string) (incident.Incident, error) {
	in, err := d.incident(ctx, id)
	if err != nil {
		return incident.Incident{}, err
	}
	if c.Key == "" || in.MergedInto != into { // asked twice with one key it is no error
		if _, err := d.open(ctx, id); err != nil {
			return incident.Incident{}, err
		}
	}
	if _, err := d.open(ctx, into); err != nil {
		return incident.Incident{}, fmt.Errorf("cannot merge into: %w", err)
	}
	if id == into {
		return incident.Incident{}, fmt.Errorf("%w: an incident is no duplicate of itself", incident.ErrInvalid)
	}
	act := d.act(c, incident.ActMerge, id, d.o.Now())
	act.Into = into
	return d.reasoned(ctx, act, reason, false)
}

// AckAlert notes that somebody has seen an alert. The first to say so stands.
func (d *Desk) AckAlert(ctx context.Context, c incident.Actor, alert, reason string) (incident.Alert, error) {
	a, known := d.alert(alert)
	switch {
	case !known:
		return incident.Alert{}, fmt.Errorf("alert %q %w", alert, incident.ErrNotFound)
	case len(reason) > maxText:
		return incident.Alert{}, fmt.Errorf("%w: more than %d bytes of text", incident.ErrInvalid, maxText)
	case !a.AckedAt.IsZero():
		return a, nil
	}
	act := d.act(c, incident.ActAckAlert, alert, d.o.Now())
	act.Incident, act.Alert, act.Reason = a.Incident, alert, reason
	if a.Unit != "" {
		act.Units = []string{a.Unit}
	}
	rec, err := journal.NewRecord(journal.KindAct, act.ID, act.At, act)
	if err != nil {
		return incident.Alert{}, err
	}
	results, err := d.journal.Append(ctx, rec)
	if err != nil {
		return incident.Alert{}, fmt.Errorf("cannot journal the acknowledgement: %w", err)
	}
	if err := d.state.Wait(ctx, results[0].Seq); err != nil {
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

// reasoned journals an act with its reason, which some acts must have.
func (d *Desk) reasoned(ctx context.Context, act incident.Act, reason string, must bool) (incident.Incident, error) {
	switch {
	case must && strings.TrimSpace(reason) == "":
		return incident.Incident{}, fmt.Errorf("%w: %s needs a reason", incident.ErrInvalid, act.Kind)
	case len(reason) > maxText:
		return incident.Incident{}, fmt.Errorf("%w: more than %d bytes of text", incident.ErrInvalid, maxText)
	}
	act.Reason = reason
	return d.append(ctx, act)
}
