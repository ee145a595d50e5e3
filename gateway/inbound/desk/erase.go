package desk

import (
	"context"
	"fmt"
	"strings"

	"htgateway/gateway/incident"
)

// EraseCaller forgets who called about an incident, also one that has ended. The
// act stays in the journal, with who did it, when and why; the caller does not.
// Asked again it erases what was written since.
func (d *Desk) EraseCaller(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	in, err := d.perform(ctx, asked(c, incident.ActErase, id, reason), nil, func(in incident.Incident, act *incident.Act) error {
		if len(in.Caller) > 2 && strings.Contains(reason, in.Caller) {
			return fmt.Errorf("%w: the reason names the caller, and it stays", incident.ErrInvalid)
		}
		return give(act, reason, true)
	})
	if err != nil {
		return in, err
	}
	if err := d.o.Forget(ctx, id); err != nil {
		return in, fmt.Errorf("the caller of incident %s is hidden but still stored, ask again: %w", in.Number, err)
	}
	return in, nil
}
