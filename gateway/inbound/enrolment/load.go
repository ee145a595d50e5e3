package enrolment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// snapshotName names the acts among the journal's snapshots.
const snapshotName = "enrolment"

// Load folds the acts of a journal over the configured units.
func Load(ctx context.Context, j Journal, file []incident.Unit, now func() time.Time) (*Roster, error) {
	r := &Roster{journal: j, now: now, registry: NewRegistry(file)}
	begin, state, err := j.Snapshot(ctx, snapshotName)
	if err != nil {
		return nil, fmt.Errorf("cannot read the enrolments: %w", err)
	}
	if begin > 0 {
		var acts []Act
		if err := json.Unmarshal(state, &acts); err != nil {
			return nil, fmt.Errorf("cannot read the enrolments kept at entry %d: %w", begin, err)
		}
		for _, a := range acts {
			r.registry.Apply(a)
		}
	}
	r.read = begin
	if _, err := r.readOn(ctx); err != nil {
		return nil, err
	}
	if r.read == begin {
		return r, nil
	}
	state, err = json.Marshal(r.registry.acts)
	if err == nil {
		err = j.SaveSnapshot(ctx, snapshotName, r.read, state)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot keep the enrolments: %w", err)
	}
	return r, nil
}

// CatchUp takes the acts that another gateway journaled since.
func (r *Roster) CatchUp(ctx context.Context) error {
	r.acting.Lock()
	defer r.acting.Unlock()
	changed, err := r.readOn(ctx)
	if changed {
		r.tell()
	}
	return err
}

// readOn reads the journal from where it was read to before.
func (r *Roster) readOn(ctx context.Context) (changed bool, err error) {
	for {
		entries, err := r.journal.Read(ctx, r.read, 5000)
		if err != nil {
			return changed, fmt.Errorf("cannot read the enrolments after entry %d: %w", r.read, err)
		}
		if len(entries) == 0 {
			return changed, nil
		}
		for _, e := range entries {
			if e.Kind == journal.KindEnrolment {
				var a Act
				if err := json.Unmarshal(e.Body, &a); err != nil {
					return changed, fmt.Errorf("cannot decode enrolment %q of entry %d: %w", e.ID, e.Seq, err)
				}
				r.mu.Lock()
				r.registry.Apply(a)
				r.mu.Unlock()
				changed = true
			}
			r.read = e.Seq
		}
	}
}

// Declare journals the configured units where the journal has others: what changed in the
// units file holds from now on. Only a gateway that leads may call it.
func (r *Roster) Declare(ctx context.Context) error {
	r.acting.Lock()
	defer r.acting.Unlock()
	r.mu.RLock()
	declared, is := r.registry.declared()
	file := r.registry.file
	r.mu.RUnlock()
	same := slices.EqualFunc(declared, file, func(a, b incident.Unit) bool {
		return a.ID == b.ID && a.CallSign == b.CallSign && a.Agency == b.Agency && slices.Equal(a.Devices, b.Devices)
	})
	if is && same {
		return nil
	}
	act := r.act(request{Actor: incident.Actor{By: byUnitsFile}}, Configure, "", "")
	act.Units = file
	return r.append(ctx, act)
}

// byUnitsFile is who changed the roster when the units file was changed.
const byUnitsFile = "config"

// Initial are the units from the journal's beginning.
func (r *Roster) Initial() []incident.Unit {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.registry.Initial()
}

// Units are the units as they stand.
func (r *Roster) Units() []incident.Unit {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.registry.Units()
}

// InitialUnits are the units from the journal's beginning, by its entries of the kind
// enrolment: those of the first list among them, and the configured ones where there is none.
func InitialUnits(file []incident.Unit, entries []journal.Entry) ([]incident.Unit, error) {
	r := NewRegistry(file)
	for _, e := range entries {
		var a Act
		if err := json.Unmarshal(e.Body, &a); err != nil {
			return nil, fmt.Errorf("cannot decode enrolment %q of entry %d: %w", e.ID, e.Seq, err)
		}
		r.Apply(a)
	}
	return r.Initial(), nil
}
