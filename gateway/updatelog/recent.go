package updatelog

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"htgateway/gateway/incident"
)

// encode returns what is kept of an update in the file, and the update as a reader
// gets it. Of a fix, of which there are many and of which the tracker changes nothing
// afterwards, that is the update itself; of anything else it is read back, so that no
// reader shares memory with the tracker.
func encode(u *incident.Update) (incident.Update, []byte, error) {
	const asMost = 384 // bytes
	body, err := u.AppendJSON(make([]byte, 0, asMost))
	if err != nil {
		return incident.Update{}, nil, fmt.Errorf("update log cannot encode update %d: %w", u.Seq, err)
	}
	if u.Kind == incident.UpdateFix && u.Milestone == nil && u.Alert == nil {
		return *u, body, nil
	}
	as, err := decode(body)
	if err != nil {
		return incident.Update{}, nil, fmt.Errorf("update log cannot read back update %d: %w", u.Seq, err)
	}
	return as, body, nil
}

// decode reads an update as encode wrote it.
func decode(body []byte) (u incident.Update, err error) {
	if err := json.Unmarshal(body, &u, jsontext.AllowInvalidUTF8(true)); err != nil {
		return u, fmt.Errorf("update log cannot decode an update: %w", err)
	}
	return u, nil
}

// recentUpdates is how many of the newest updates are kept in memory beside those
// that are not in the file yet, so that whoever follows closely need not read them
// from the file.
const recentUpdates = 4096

// recent are the newest updates, without gaps, and their bodies. What it holds is
// never changed, so that readers need no copy.
type recent struct {
	updates []incident.Update
	bodies  [][]byte
}

func newRecent() recent {
	return recent{updates: make([]incident.Update, 0, 2*recentUpdates), bodies: make([][]byte, 0, 2*recentUpdates)}
}

// add returns r with more, less what is older than the bound and in the file.
func (r recent) add(more recent, saved uint64) recent {
	if n := len(r.updates); n == 0 || r.updates[n-1].Seq+1 != more.updates[0].Seq {
		r = newRecent()
	}
	if len(r.updates)+len(more.updates) > 2*recentUpdates {
		old := max(0, len(r.updates)-recentUpdates)
		if unsaved, _ := r.find(saved); unsaved < old {
			old = unsaved
		}
		r = newRecent().plus(r.from(old)) // readers may still hold the old arrays
	}
	return r.plus(more)
}

func (r recent) plus(more recent) recent {
	return recent{append(r.updates, more.updates...), append(r.bodies, more.bodies...)}
}

// from is r without what stands before a place.
func (r recent) from(place int) recent { return recent{r.updates[place:], r.bodies[place:]} }

// find is the place of the first update after a number; false when there may be
// updates between that number and the first one here.
func (r recent) find(after uint64) (int, bool) {
	if len(r.updates) == 0 || after+1 < r.updates[0].Seq {
		return 0, false
	}
	return int(min(after+1-r.updates[0].Seq, uint64(len(r.updates)))), true // #nosec G115 -- no more than the length of a slice
}

// after returns up to limit updates after a number; false when some are not here.
func (r recent) after(seq uint64, limit int) ([]incident.Update, bool) {
	from, here := r.find(seq)
	to := min(from+limit, len(r.updates))
	if !here || from >= to {
		return nil, false
	}
	return r.updates[from:to:to], true
}
