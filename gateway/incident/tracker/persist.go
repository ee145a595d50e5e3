package tracker

import (
	"fmt"

	"htgateway/gateway/state/snapshot"
)

// persisted is what a tracker's state consists of. The settings are not in it: they are those
// that the tracker was made with.
func (t *Tracker) persisted() (anchors, roots []any) {
	return []any{&t.settings.Arrival}, []any{
		&t.seq, &t.journal, &t.timelines, &t.incidents, &t.unknown, &t.interested, &t.acks, &t.unknownAlerts, &t.unknownEvents, &t.summed, &t.enrolments,
	}
}

// Shape identifies the types in which this program writes a tracker's state. A state of
// another shape cannot be read.
func Shape() (string, error) {
	_, roots := (&Tracker{}).persisted()
	return snapshot.Shape(roots...)
}

// AppendState appends the state, for [Tracker.Resume].
func (t *Tracker) AppendState(out []byte) []byte {
	anchors, roots := t.persisted()
	return snapshot.Append(out, anchors, roots...)
}

// Resume makes a new tracker continue from a state. Both must have the same settings and
// [Shape]. After an error the tracker must not be used.
func (t *Tracker) Resume(state []byte) error {
	anchors, roots := t.persisted()
	if err := snapshot.Read(state, anchors, roots...); err != nil {
		return fmt.Errorf("cannot resume the tracker: %w", err)
	}
	for _, u := range t.timelines {
		if err := u.fixes.Check(); err != nil {
			return fmt.Errorf("cannot resume the tracker: unit %s: %w", u.ID, err)
		}
	}
	for d, s := range t.unknown {
		if err := s.fixes.Check(); err != nil {
			return fmt.Errorf("cannot resume the tracker: device %s: %w", d, err)
		}
	}
	t.buildIndexes()
	return nil
}
