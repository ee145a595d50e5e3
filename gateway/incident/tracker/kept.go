package tracker

import (
	"fmt"

	"htgateway/gateway/state/snapshot"
)

// kept is what a tracker's state consists of. The settings are not in it: they are
// those that the tracker was made with.
func (t *Tracker) kept() (anchors, roots []any) {
	return []any{&t.settings.Arrival}, []any{
		&t.seq, &t.journal, &t.teams, &t.files, &t.strange, &t.interested, &t.acks, &t.unowned,
	}
}

// Shape names the form in which a tracker's state is kept by this program.
func Shape() (string, error) {
	_, roots := (&Tracker{}).kept()
	return snapshot.Shape(roots...)
}

// AppendState appends the state, to be taken up with [Tracker.Resume].
func (t *Tracker) AppendState(out []byte) []byte {
	anchors, roots := t.kept()
	return snapshot.Append(out, anchors, roots...)
}

// Resume makes a new tracker one that has taken all that the state's had. Both must
// have the same settings and [Shape]. After an error the tracker is to be thrown away.
func (t *Tracker) Resume(state []byte) error {
	anchors, roots := t.kept()
	if err := snapshot.Read(state, anchors, roots...); err != nil {
		return fmt.Errorf("cannot resume the tracker: %w", err)
	}
	for _, u := range t.teams {
		if err := u.fixes.check(); err != nil {
			return fmt.Errorf("cannot resume the tracker: unit %s: %w", u.ID, err)
		}
	}
	t.index()
	return nil
}
