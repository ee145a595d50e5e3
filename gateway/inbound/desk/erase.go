package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"htgateway/gateway/incident"
)

// EraseCaller forgets who called about an incident, which is named by its id, its number
// or the id that a CAD has for it, also one that has ended, however long ago. The act stays
// in the journal, with who did it, when and why; the caller does not. Asked again it erases
// what was written since.
func (d *Desk) EraseCaller(ctx context.Context, c incident.Actor, name, reason string) (incident.Incident, error) {
	was, err := d.named(ctx, name)
	if err != nil {
		return incident.Incident{}, err
	}
	in, err := d.erase(ctx, c, was.ID, reason)
	if err != nil {
		return in, err
	}
	if err := d.o.Forget(ctx); err != nil {
		return in, fmt.Errorf("the caller of incident %s is hidden but still stored, ask again: %w", in.Number, err)
	}
	in, _ = d.state.Incident(in.ID) // as it reads now
	return in, nil
}

// erase journals the act.
func (d *Desk) erase(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	return d.perform(ctx, asked(c, incident.ActErase, id, reason), nil, func(in incident.Incident, act *incident.Act) error {
		if len(in.Caller) > 2 && incident.NamesCaller(reason, []string{in.Caller}) {
			return fmt.Errorf("%w: the reason names the caller, and it stays", incident.ErrInvalid)
		}
		return give(act, reason, true)
	})
}

// EraseCallers does so for several incidents at once, named by their ids. One that cannot
// be erased does not keep the others.
func (d *Desk) EraseCallers(ctx context.Context, c incident.Actor, ids []string, reason string) error {
	var failed error
	for _, id := range ids {
		if _, err := d.erase(ctx, c, id, reason); err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot erase the caller of incident %q: %w", id, err))
		}
	}
	return errors.Join(failed, d.o.Forget(ctx))
}

// named finds an incident by its id, its number or a CAD's id.
func (d *Desk) named(ctx context.Context, name string) (incident.Incident, error) {
	in, err := d.incident(ctx, name)
	if err == nil || !errors.Is(err, incident.ErrNotFound) || strings.TrimSpace(name) == "" {
		return in, err
	}
	for _, is := range []func(incident.Call) bool{
		func(c incident.Call) bool { return c.Number == name },
		func(c incident.Call) bool { return c.ExternalID == name },
	} {
		switch found := d.state.Find(is, 2); len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return incident.Incident{}, fmt.Errorf("%w: several incidents are called %q, name one by its id", incident.ErrConflict, name)
		}
	}
	return incident.Incident{}, err
}
