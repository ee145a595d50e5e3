package erasure

import (
	"context"
	"encoding/json"
	"fmt"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Journal is where acts are found and rewritten.
type Journal interface {
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
	// Rewrite gives entries other bodies and leaves no trace of the old ones.
	Rewrite(ctx context.Context, entries []journal.Entry) error
}

// Updates is where the texts of updates are rewritten.
type Updates interface {
	Rewrite(ctx context.Context, incident string, change func(text string) string) error
}

// Caller takes the caller of an incident out of its acts, which are named by their
// ids, and out of the updates that were made of them. Call it once the act that
// says so is in the journal; called again it does what is left to do.
func Caller(ctx context.Context, j Journal, u Updates, id string, acts []string) error {
	var entries []journal.Entry
	var decoded []*incident.Act
	for _, act := range acts {
		e, found, err := j.Find(ctx, act)
		if err != nil {
			return fmt.Errorf("cannot find act %q: %w", act, err)
		}
		if !found {
			continue
		}
		ev, _, err := incident.EventOf(e)
		if err != nil {
			return err
		}
		if ev.Act == nil || ev.Act.Incident != id {
			continue
		}
		entries, decoded = append(entries, e), append(decoded, ev.Act)
	}
	callers := incident.Callers(decoded)
	if len(callers) == 0 {
		return nil // nobody was named, or everything is done: the journal comes last
	}
	// The updates first: the journal says whom they must forget, and only it
	// can still say so when the power fails between the two.
	if err := u.Rewrite(ctx, id, func(text string) string { return incident.WithoutCallers(text, callers) }); err != nil {
		return fmt.Errorf("cannot erase the caller of incident %q from the updates: %w", id, err)
	}
	var rewritten []journal.Entry
	for i, act := range decoded {
		clean, changed := act.Without(callers)
		if !changed {
			continue
		}
		body, err := json.Marshal(clean)
		if err != nil {
			return fmt.Errorf("cannot encode act %q: %w", act.ID, err)
		}
		entries[i].Body = body
		rewritten = append(rewritten, entries[i])
	}
	if err := j.Rewrite(ctx, rewritten); err != nil {
		return fmt.Errorf("cannot erase the caller of incident %q from the journal: %w", id, err)
	}
	return nil
}
