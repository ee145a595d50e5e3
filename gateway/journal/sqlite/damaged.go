package sqlite

import (
	"sync"

	"htgateway/gateway/journal"
)

// damagedEntries are those that were handed over as such.
type damagedEntries struct {
	mu    sync.Mutex
	seen  map[uint64]bool
	first uint64
}

// note tells whether an entry is met for the first time.
func (d *damagedEntries) note(seq uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen[seq] {
		return false
	}
	if d.seen == nil {
		d.seen, d.first = map[uint64]bool{}, seq
	}
	d.seen[seq] = true
	return true
}

// count is how many there are, and the first that was met.
func (d *damagedEntries) count() (n, first uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return uint64(len(d.seen)), d.first
}

// markDamaged makes of a damaged entry one that says so and nothing else.
func (j *Journal) markDamaged(e journal.Entry, err error) journal.Entry {
	if j.damaged.note(e.Seq) {
		j.log.Error("a record of the journal is damaged and left out of everything: restore the newest backup to have it back", "path", j.path, "entry", e.Seq, "reason", err)
	}
	e.Kind, e.Body = journal.KindDamaged, nil
	return e
}
