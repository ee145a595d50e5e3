package updatelog

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"htgateway/gateway/incident"
)

// encode returns what is kept of an update in the file, and the update as a reader
// gets it. Of a fix, of which there are many and of which the tracker changes nothing
// afterwards, that is the update itself; of anything else it is read back, so that no
// reader shares memory with the tracker.
func encode(u *incident.Update) (incident.Update, []byte, error) {
	const asMost = 640 // bytes
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
// from the file; blockOf is how many of them go at once.
const (
	recentUpdates = 4096
	blockOf       = 1024
)

// recent are the newest updates, without gaps, and their bodies, in blocks. What is in a
// block is never changed, so that readers need no copy of it.
type recent struct{ blocks []*block }

type block struct {
	updates []incident.Update
	bodies  [][]byte
}

func (b *block) last() uint64 { return b.updates[len(b.updates)-1].Seq }

// add keeps more, and drops what is older than the bound and in the file.
func (r *recent) add(more block, saved uint64) {
	if n := len(r.blocks); n > 0 && r.blocks[n-1].last()+1 != more.updates[0].Seq {
		r.blocks = nil
	}
	for len(more.updates) > 0 {
		n := len(r.blocks)
		if n == 0 || len(r.blocks[n-1].updates) == blockOf {
			r.blocks = append(r.blocks, &block{make([]incident.Update, 0, blockOf), make([][]byte, 0, blockOf)})
			continue
		}
		newest := r.blocks[n-1]
		fit := min(blockOf-len(newest.updates), len(more.updates))
		newest.updates = append(newest.updates, more.updates[:fit]...)
		newest.bodies = append(newest.bodies, more.bodies[:fit]...)
		more.updates, more.bodies = more.updates[fit:], more.bodies[fit:]
	}
	drop := 0
	for len(r.blocks)-drop > recentUpdates/blockOf+1 && r.blocks[drop].last() <= saved {
		drop++
	}
	if drop > 0 {
		r.blocks = slices.Clone(r.blocks[drop:])
	}
}

// after returns up to limit updates after a number, and their bodies: fewer where a
// block ends. None when those next to the number are not here.
func (r *recent) after(seq uint64, limit int) block {
	for _, b := range r.blocks {
		if first := b.updates[0].Seq; seq+1 < first {
			break
		}
		if seq < b.last() {
			from := int(seq + 1 - b.updates[0].Seq) // #nosec G115 -- less than the length of a slice
			to := min(from+limit, len(b.updates))
			return block{b.updates[from:to:to], b.bodies[from:to:to]}
		}
	}
	return block{}
}

// forget drops what is in the file.
func (r *recent) forget(saved uint64) {
	var rest recent
	for seq := saved; ; {
		b := r.after(seq, blockOf)
		if len(b.updates) == 0 {
			*r = rest
			return
		}
		rest.add(b, 0)
		seq = b.last()
	}
}
