package record

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
)

// ErrNoIncident is returned when the journal tells of no such incident.
var ErrNoIncident = errors.New("no such incident")

// FromJournal folds a journal and returns what it tells of one incident, named by
// its id or its number: a sheet can be made without a running gateway. Its memory
// grows with the incidents, not with the reports.
func FromJournal(ctx context.Context, entries iter.Seq2[journal.Entry, error], settings incident.Settings, name string) (Sources, error) {
	tracker := tracker.New(settings)
	src := Sources{Plan: settings.Plan}
	id := ""
	for e, err := range entries {
		if err != nil {
			return src, fmt.Errorf("cannot read the journal: %w", err)
		}
		ev, is, err := incident.EventOf(e)
		if err != nil {
			return src, err
		}
		if !is {
			continue
		}
		for _, u := range tracker.Apply(ev) {
			if u.Incident == "" || u.Incident != name && u.Number != name {
				continue
			}
			id = u.Incident
			src.Updates = append(src.Updates, u)
		}
		if ctx.Err() != nil {
			return src, ctx.Err()
		}
	}
	var known bool
	if src.Incident, known = tracker.Incident(id); !known {
		return src, fmt.Errorf("%w: %q", ErrNoIncident, name)
	}
	src.Course, _ = tracker.Course(id)
	for _, u := range tracker.Units() {
		src.Roster = append(src.Roster, u.Unit)
	}
	return src, nil
}
