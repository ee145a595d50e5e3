package erasure

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/state/updatelog"
)

// Journal is where acts are found and rewritten.
type Journal interface {
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	// Rewrite gives entries other bodies and leaves no trace of the old ones, nor of those
	// of a call that was cut off.
	Rewrite(ctx context.Context, entries []journal.Entry) error
}

// Updates is where updates and dead letters are rewritten.
type Updates interface {
	Rewrite(ctx context.Context, r updatelog.Rewriting) error
}

// Caller takes the caller of an incident out of journal and updates: out of the acts that
// are named by their ids, those about the incident and about all that it was merged with,
// and out of everything that was said of the caller since, see [Finding]. Call it once the
// act that says so is in the journal; called again it does what is left to do.
func Caller(ctx context.Context, j Journal, u Updates, id string, acts []string) error {
	found, err := Find(ctx, j, []Subject{{Incident: id, Acts: acts}})
	if err != nil {
		return err
	}
	// The updates first: the journal says whom they must forget, and only it
	// can still say so when the power fails between the two.
	if err := found.FromUpdates(ctx, u); err != nil {
		return err
	}
	return found.FromJournal(ctx, j)
}

// FromUpdates rewrites the updates that were made of what was found, and the dead letters.
func (f *Finding) FromUpdates(ctx context.Context, u Updates) error {
	r := updatelog.Rewriting{
		Incidents: slices.Sorted(maps.Keys(f.related)), Entries: f.numbers,
		Update: func(up *incident.Update) bool {
			changed := false
			for i, r := range f.Redactions {
				everywhere := up.Kind == incident.UpdateMessage || up.Kind == incident.UpdateDelivery || up.Kind == incident.UpdateAlertAck
				if everywhere || slices.Contains(f.related[up.Incident], i) {
					changed = r.Update(up) || changed
				}
			}
			return changed
		},
		Letter: f.text,
	}
	if err := u.Rewrite(ctx, r); err != nil {
		return fmt.Errorf("cannot erase callers from the updates: %w", err)
	}
	return nil
}

// message is what is left of the text of a message to a unit.
func (f *Finding) message(id, text string) string {
	for _, r := range f.Redactions {
		text = r.Message(id, text)
	}
	return text
}

// FromJournal rewrites the entries that were found. Those that say who called come last:
// cut off before, an erasure still knows whom it is about. Without any it only sees to it
// that nothing is left of an erasure that was cut off.
func (f *Finding) FromJournal(ctx context.Context, j Journal) error {
	for _, entries := range [][]journal.Entry{f.others, f.naming} {
		for some := range slices.Chunk(entries, rewriteAtOnce) {
			if err := j.Rewrite(ctx, some); err != nil {
				return fmt.Errorf("cannot erase callers from the journal: %w", err)
			}
		}
	}
	if len(f.others)+len(f.naming) == 0 {
		return j.Rewrite(ctx, nil)
	}
	return nil
}
