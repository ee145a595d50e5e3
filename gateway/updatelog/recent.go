package updatelog

import (
	"encoding/json"
	"fmt"
	"slices"

	"htgateway/gateway/incident"
)

// entry is one update with the bytes that are kept of it.
type entry struct {
	update incident.Update
	body   []byte
}

// encode returns what is kept of an update, and the update as a reader gets it. Of a
// fix, of which there are many and of which the tracker changes nothing afterwards,
// that is the update itself; of anything else it is read back, so that no reader
// shares memory with the tracker.
func encode(u *incident.Update) (entry, error) {
	body, err := json.Marshal(u)
	if err != nil {
		return entry{}, fmt.Errorf("update log cannot encode update %d: %w", u.Seq, err)
	}
	e := entry{update: *u, body: body}
	if u.Kind == incident.UpdateFix && u.Milestone == nil && u.Alert == nil {
		return e, nil
	}
	e.update = incident.Update{}
	if err := json.Unmarshal(body, &e.update); err != nil {
		return entry{}, fmt.Errorf("update log cannot read back update %d: %w", u.Seq, err)
	}
	return e, nil
}

// recentUpdates is how many of the newest updates are kept in memory beside those
// that are not in the file yet, so that whoever follows closely need not read them
// from the file.
const recentUpdates = 4096

// recent are the newest updates, without gaps. What it holds is never changed.
type recent []entry

// add returns r with more, less what is older than the bound and in the file.
func (r recent) add(more []entry, saved uint64) recent {
	if len(r) > 0 && r[len(r)-1].update.Seq+1 != more[0].update.Seq {
		r = nil
	}
	r = append(r, more...)
	if len(r) <= 2*recentUpdates {
		return r
	}
	old := len(r) - recentUpdates
	if unsaved, _ := r.find(saved); unsaved < old {
		old = unsaved
	}
	return slices.Clone(r[old:]) // readers may still hold the old array
}

// find is the place of the first update after a number; false when there may be
// updates between that number and the first one here.
func (r recent) find(after uint64) (int, bool) {
	if len(r) == 0 || after+1 < r[0].update.Seq {
		return 0, false
	}
	return min(int(after+1-r[0].update.Seq), len(r)), true
}

// after returns up to limit updates after a number; false when some are not here.
func (r recent) after(seq uint64, limit int) ([]incident.Update, bool) {
	from, here := r.find(seq)
	if !here || from == len(r) {
		return nil, false
	}
	out := make([]incident.Update, 0, min(limit, len(r)-from))
	for _, e := range r[from:min(from+limit, len(r))] {
		out = append(out, e.update)
	}
	return out, true
}
